"""Lists that are read to their end in each way of paging: no record is lost or doubled."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages
from tap_voicecalls.streams.paging.page import Link, Page
from tap_voicecalls.streams.paging.paginators import (
    CursorPaginator,
    LastIdPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    TimeCursorPaginator,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_voicecalls.streams.paging.paginators import Paginator

    Reader = Callable[[Paginator[Any], Callable[[Any], Page]], Iterator[Page]]


START = datetime(2026, 1, 5, tzinfo=UTC)
COUNTS = st.integers(0, 40)
# How many records the server is willing to give for each request, whatever was asked for.
CAPS = st.lists(st.integers(1, 9), min_size=1, max_size=5)


def records(count: int) -> list[dict[str, str]]:
    """Make records that can be told apart."""
    return [{"id": f"call-{number}"} for number in range(count)]


def one_by_one(paginator: Paginator[Any], fetch: Callable[[Any], Page]) -> Iterator[Page]:
    """Read a list with one request at a time."""
    return iterate_pages(paginator, fetch, partial(map, fetch))


def at_once(paginator: Paginator[Any], fetch: Callable[[Any], Page]) -> Iterator[Page]:
    """Read a list, fetching all expected pages before the first is used."""
    return iterate_pages(paginator, fetch, lambda tokens: [fetch(token) for token in tokens])


READERS = st.sampled_from([one_by_one, at_once])
each_reader = pytest.mark.parametrize("read", [one_by_one, at_once])


def items(pages: Iterable[Page]) -> list[dict[str, str]]:
    """Return the records of all pages."""
    return [record for page in pages for record in page.items]


@given(count=COUNTS, caps=CAPS, by_link=st.booleans())
def test_cursors_and_links_yield_each_record_once(
    *, count: int, caps: list[int], by_link: bool
) -> None:
    """A server that pages by opaque tokens, of any page size, is read completely."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: str | Link | None) -> Page:
        match token:
            case str(text) | Link(href=text):
                start = int(text)
            case None:
                start = 0
        end = start + next(sizes)
        following = Link(str(end)) if by_link else str(end)
        return Page(sent[start:end], next=following if end < count else None)

    assert sent == items(one_by_one(CursorPaginator(), fetch))


@given(count=COUNTS, caps=CAPS)
def test_last_ids_yield_each_record_once(count: int, caps: list[int]) -> None:
    """A server that continues after a record is read completely, however short its pages are."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: str | None) -> Page:
        start = 0 if token is None else sent.index({"id": token}) + 1
        return Page(sent[start : start + next(sizes)])

    assert sent == items(one_by_one(LastIdPaginator(itemgetter("id")), fetch))


@given(count=COUNTS, size=st.integers(1, 9), reports=st.booleans(), read=READERS)
def test_page_numbers_yield_each_record_once(
    *, count: int, size: int, reports: bool, read: Reader
) -> None:
    """A server with numbered pages is read completely, with or without a number of pages."""
    sent = records(count)

    def fetch(token: int | None) -> Page:
        start = ((token or 1) - 1) * size
        return Page(sent[start : start + size], pages=-(-count // size) if reports else None)

    assert sent == items(read(PageNumberPaginator(size), fetch))


@given(count=COUNTS, caps=CAPS, reports=st.booleans(), read=READERS)
def test_offsets_yield_each_record_once(
    *, count: int, caps: list[int], reports: bool, read: Reader
) -> None:
    """A server that caps its pages is read completely, with or without a total."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: int | None) -> Page:
        start = token or 0
        return Page(sent[start : start + next(sizes)], total=count if reports else None)

    assert sent == items(read(OffsetPaginator(), fetch))


@given(
    count=COUNTS,
    size=st.integers(1, 9),
    gone=st.integers(0, 40),
    of_size=st.sampled_from([OffsetPaginator, PageNumberPaginator]),
)
def test_missing_pages_end_the_list(
    *, count: int, size: int, gone: int, of_size: Callable[[int], Paginator[int]]
) -> None:
    """A list that shrinks after its first page is no error, although more pages were expected."""
    sent = records(count)

    def fetch(token: int | None) -> Page:
        first = of_size(size).start
        there = sent if token == first else sent[: max(size, count - gone)]
        start = (token or 0) if first == 0 else ((token or 1) - 1) * size
        return Page(there[start : start + size], total=len(there), pages=-(-len(there) // size))

    assert items(one_by_one(of_size(size), fetch)) == items(at_once(of_size(size), fetch))


@each_reader
def test_a_single_page_takes_one_request(read: Reader) -> None:
    """A list in one response is requested once, even if it counts more pages."""
    requested: list[object] = []

    def fetch(token: object) -> Page:
        requested.append(token)
        return Page(records(2), total=9, pages=9)

    assert records(2) == items(read(CursorPaginator(), fetch))
    assert requested == [None]


@each_reader
def test_a_total_saves_the_request_for_an_empty_page(read: Reader) -> None:
    """With a total, no request is spent on finding that there is no more."""
    requested: list[int | None] = []

    def fetch(token: int | None) -> Page:
        requested.append(token)
        return Page(records(4)[token or 0 :][:2], total=4)

    items(read(OffsetPaginator(), fetch))

    assert requested == [0, 2]


@given(count=COUNTS, caps=CAPS)
def test_opaque_cursors_yield_each_record_once(count: int, caps: list[int]) -> None:
    """A server that names its next page by a text, with pages of any size, is read completely."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: str | None) -> Page:
        start = int(token or 0)
        end = start + next(sizes)
        return Page(sent[start:end], next=str(end) if end < count else None)

    paginator: CursorPaginator[str] = CursorPaginator()
    assert sent == items(one_by_one(paginator, fetch))


@given(
    seconds=st.lists(st.integers(0, 30), max_size=40),
    size=st.integers(4, 9),
    cap=st.integers(4, 9),
    is_ascending=st.booleans(),
    is_inclusive=st.booleans(),
)
def test_time_cursors_yield_each_record(
    *, seconds: list[int], size: int, cap: int, is_ascending: bool, is_inclusive: bool
) -> None:
    """Records of one time on two pages are all read; only a full page of one time is an error."""
    tick = timedelta(milliseconds=1)
    ordered = sorted(seconds, reverse=not is_ascending)
    sent: list[dict[str, Any]] = [
        {"id": number, "at": START + timedelta(seconds=at)} for number, at in enumerate(ordered)
    ]
    step = timedelta(0) if is_inclusive else -tick if is_ascending else tick

    def is_wanted(at: datetime, token: datetime) -> bool:
        if is_inclusive and at == token:
            return True
        return at > token if is_ascending else at < token

    def fetch(token: datetime | None) -> Page:
        found = [record for record in sent if token is None or is_wanted(record["at"], token)]
        return Page(found[: min(size, cap)])

    paginator = TimeCursorPaginator(itemgetter("at"), size, step)
    pages = one_by_one(paginator, fetch)
    most = max(Counter(seconds).values(), default=0)
    if most < min(size, cap):
        assert sent == list({record["id"]: record for record in items(pages)}.values())
    elif cap >= size or ordered.count(ordered[0]) < cap:
        # An error or, if all of that time came at once, the whole list.
        with suppress(BadAnswer):
            assert len({record["id"] for record in items(pages)}) == len(sent)


# Lists that do not end -----------------------------------------------------------------------


@pytest.mark.parametrize("loop", [1, 2, 3])
def test_a_loop_of_cursors_is_an_error(loop: int) -> None:
    """Cursors that lead back to an earlier page end in an error, not in an endless run."""
    steps = cycle([str(number) for number in range(loop)])
    paginator: Paginator[str] = CursorPaginator()

    with pytest.raises(BadAnswer, match="pagination loop"):
        list(islice(one_by_one(paginator, lambda _: Page([], next=next(steps))), 20))


def test_an_ignored_last_id_is_an_error() -> None:
    """A server that answers each request with its first page ends in an error."""
    with pytest.raises(BadAnswer, match="repeated a page"):
        list(islice(one_by_one(LastIdPaginator(itemgetter("id")), lambda _: Page(records(3))), 20))


@each_reader
@pytest.mark.parametrize("total", [None, 7])
@pytest.mark.parametrize("of_size", [OffsetPaginator, PageNumberPaginator])
def test_an_ignored_offset_or_page_number_is_an_error(
    of_size: Callable[[int], Paginator[int]], total: int | None, read: Reader
) -> None:
    """A server that sends its first page for every other is an error, not an endless list."""

    def fetch(_: int | None) -> Page:
        return Page(records(3), total=total)

    with pytest.raises(BadAnswer):
        list(islice(read(of_size(3), fetch), 20))


def test_a_repeated_opaque_cursor_is_a_pagination_loop() -> None:
    """A server that names one cursor on every page ends in an error, not in an endless run."""
    numbers = iter(range(100))
    paginator: CursorPaginator[str] = CursorPaginator()

    with pytest.raises(BadAnswer, match="pagination loop"):
        list(one_by_one(paginator, lambda _: Page([{"id": next(numbers)}], next="c1")))


def test_an_ignored_time_cursor_is_an_error() -> None:
    """A server that answers each request with its first page ends in an error."""
    page = [{"id": number, "at": START - timedelta(seconds=number)} for number in range(3)]
    paginator = TimeCursorPaginator(itemgetter("at"), 3, timedelta(milliseconds=1))

    with pytest.raises(BadAnswer, match="repeated a page"):
        list(islice(one_by_one(paginator, lambda _: Page(page)), 20))
