"""Paging: each way alone, and walked to the end of a list without losing or doubling a record."""

from __future__ import annotations

from functools import partial
from itertools import cycle, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages
from tap_voicecalls.streams.paging.page import Cursor, Link, Page, cursor_or_link
from tap_voicecalls.streams.paging.paginators import (
    CursorPaginator,
    LastIdPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_voicecalls.streams.paging.paginators import Paginator

    Walk = Callable[[Paginator[Any], Callable[[Any], Page]], Iterator[Page]]

CURSOR, LINK = Cursor("c1", "iv1"), Link("https://api.example/next")

COUNTS = st.integers(0, 40)
# How many records the server is willing to give for each request, whatever was asked for.
CAPS = st.lists(st.integers(1, 9), min_size=1, max_size=5)


def records(count: int) -> list[dict[str, str]]:
    """Make records that can be told apart."""
    return [{"id": f"call-{number}"} for number in range(count)]


def one_by_one(paginator: Paginator[Any], fetch: Callable[[Any], Page]) -> Iterator[Page]:
    """Walk a list with one request at a time."""
    return iterate_pages(paginator, fetch, partial(map, fetch))


def at_once(paginator: Paginator[Any], fetch: Callable[[Any], Page]) -> Iterator[Page]:
    """Walk a list, asking for all that is foreseen before any of it is looked at."""
    return iterate_pages(paginator, fetch, lambda tokens: [fetch(token) for token in tokens])


WALKS = st.sampled_from([one_by_one, at_once])
each_walk = pytest.mark.parametrize("walking", [one_by_one, at_once])


def items(pages: Iterable[Page]) -> list[dict[str, str]]:
    """Return what stands on all pages."""
    return [record for page in pages for record in page.items]


# Where a list goes on ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cursor", "iv", "href", "expected"),
    [
        ("c1", "iv1", None, CURSOR),
        ("c1", "iv1", LINK.href, CURSOR),
        ("c1", None, LINK.href, LINK),
        (None, "iv1", LINK.href, LINK),
        ("", "", LINK.href, LINK),
    ],
)
@pytest.mark.parametrize("truncated", [True, False])
def test_a_list_goes_on_at_its_cursor_else_at_its_link(
    *, truncated: bool, cursor: str | None, iv: str | None, href: str | None, expected: object
) -> None:
    """A cursor is used only with its iv, and what names a next page is followed in any case."""
    assert expected == cursor_or_link(truncated=truncated, cursor=cursor, iv=iv, href=href)


@pytest.mark.parametrize(("cursor", "iv"), [(None, None), ("c1", None), (None, "iv1"), ("", "")])
def test_a_cut_list_that_does_not_say_where_it_goes_on_is_refused(
    cursor: str | None, iv: str | None
) -> None:
    """A list that is cut without a usable next page is an error, never the end of the list."""
    with pytest.raises(BadAnswer, match="TRUNCATED but has no cursor/iv"):
        cursor_or_link(truncated=True, cursor=cursor, iv=iv, href=None)


@pytest.mark.parametrize(("cursor", "iv"), [(None, None), ("c1", None), (None, "iv1")])
def test_a_list_that_is_not_cut_ends(cursor: str | None, iv: str | None) -> None:
    """Half a cursor on the last page does not ask for a page that cannot be named."""
    assert cursor_or_link(truncated=False, cursor=cursor, iv=iv, href=None) is None


# Each way alone ------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [CURSOR, LINK, None])
def test_cursor_follows_what_the_page_names(named: Cursor | Link | None) -> None:
    """An empty page that names a next one is not the end."""
    assert named == CursorPaginator().after(None, Page([], next=named))


def test_last_id_names_the_last_record() -> None:
    """The next page is asked for by the page's last record, not by its first."""
    paginator = LastIdPaginator(itemgetter("id"))

    assert paginator.start is None
    assert paginator.after(None, Page(records(3))) == "call-2"


@pytest.mark.parametrize(
    ("number", "page", "expected"),
    [
        (1, Page(records(2), pages=3), 2),
        (2, Page([], pages=3), None),
        (3, Page(records(1), pages=3), None),
        (3, Page(records(2), pages=3), 4),
        (3, Page(records(1), pages=3, total=9), 4),
        (1, Page([], pages=0), None),
        (1, Page(records(1)), 2),
        (2, Page([]), None),
    ],
)
def test_page_number_counts_to_the_end(number: int, page: Page, expected: int | None) -> None:
    """The server's counts end a list with a page that is not full; an empty page always does."""
    assert expected == PageNumberPaginator(2).after(number, page)


@pytest.mark.parametrize(
    ("skipped", "page", "expected"),
    [
        (0, Page(records(2), total=5), 2),
        (2, Page(records(2), total=5), 4),
        (4, Page(records(1), total=5), None),
        (4, Page(records(2), total=5), 6),
        (4, Page([], total=5), None),
        (0, Page([], total=0), None),
        (0, Page(records(2)), 2),
        (2, Page([]), None),
    ],
)
def test_offset_skips_what_was_read(skipped: int, page: Page, expected: int | None) -> None:
    """What is skipped is what came; an empty page ends, and so does a total that is reached."""
    assert expected == OffsetPaginator().after(skipped, page)


# Walked to the end ---------------------------------------------------------------------------


@given(count=COUNTS, caps=CAPS, by_link=st.booleans())
def test_walking_cursors_and_links_yields_each_record_once(
    *, count: int, caps: list[int], by_link: bool
) -> None:
    """A server that pages by opaque tokens, of any page size, is read whole."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: Cursor | Link | None) -> Page:
        match token:
            case Cursor(cursor=place) | Link(href=place):
                start = int(place)
            case None:
                start = 0
        end = start + next(sizes)
        following = Link(str(end)) if by_link else Cursor(str(end), "iv")
        return Page(sent[start:end], next=following if end < count else None)

    assert sent == items(one_by_one(CursorPaginator(), fetch))


@given(count=COUNTS, caps=CAPS)
def test_walking_by_last_id_yields_each_record_once(count: int, caps: list[int]) -> None:
    """A server that goes on after a record is read whole, however short its pages are."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: str | None) -> Page:
        start = 0 if token is None else sent.index({"id": token}) + 1
        return Page(sent[start : start + next(sizes)])

    assert sent == items(one_by_one(LastIdPaginator(itemgetter("id")), fetch))


@given(count=COUNTS, size=st.integers(1, 9), tells=st.booleans(), walking=WALKS)
def test_walking_page_numbers_yields_each_record_once(
    *, count: int, size: int, tells: bool, walking: Walk
) -> None:
    """A server with numbered pages is read whole, whether or not it tells how many there are."""
    sent = records(count)

    def fetch(token: int | None) -> Page:
        start = ((token or 1) - 1) * size
        return Page(sent[start : start + size], pages=-(-count // size) if tells else None)

    assert sent == items(walking(PageNumberPaginator(size), fetch))


@given(count=COUNTS, caps=CAPS, tells=st.booleans(), walking=WALKS)
def test_walking_offsets_yields_each_record_once(
    *, count: int, caps: list[int], tells: bool, walking: Walk
) -> None:
    """A server that caps its pages below the asked limit is read whole, with a total or without."""
    sent, sizes = records(count), cycle(caps)

    def fetch(token: int | None) -> Page:
        start = token or 0
        return Page(sent[start : start + next(sizes)], total=count if tells else None)

    assert sent == items(walking(OffsetPaginator(), fetch))


@given(
    count=COUNTS,
    size=st.integers(1, 9),
    gone=st.integers(0, 40),
    of_size=st.sampled_from([OffsetPaginator, PageNumberPaginator]),
)
def test_pages_that_are_not_there_any_more_end_the_list(
    *, count: int, size: int, gone: int, of_size: Callable[[int], Paginator[int]]
) -> None:
    """A list that shrinks after its first page was read does not turn the guess into an error."""
    sent = records(count)

    def fetch(token: int | None) -> Page:
        first = of_size(size).start
        there = sent if token == first else sent[: max(size, count - gone)]
        start = (token or 0) if first == 0 else ((token or 1) - 1) * size
        return Page(there[start : start + size], total=len(there), pages=-(-len(there) // size))

    assert items(one_by_one(of_size(size), fetch)) == items(at_once(of_size(size), fetch))


@each_walk
def test_walking_a_single_page_sends_one_request(walking: Walk) -> None:
    """A list that comes whole is asked for once, even if it claims to go on."""
    asked: list[object] = []

    def fetch(token: object) -> Page:
        asked.append(token)
        return Page(records(2), total=9, pages=9, next=LINK)

    assert records(2) == items(walking(SinglePagePaginator(), fetch))
    assert asked == [None]


@each_walk
def test_a_total_saves_the_request_for_an_empty_page(walking: Walk) -> None:
    """Where the server counts, no request is spent on learning that there is no more."""
    asked: list[int | None] = []

    def fetch(token: int | None) -> Page:
        asked.append(token)
        return Page(records(4)[token or 0 :][:2], total=4)

    items(walking(OffsetPaginator(), fetch))

    assert asked == [0, 2]


# Circles -------------------------------------------------------------------------------------


@pytest.mark.parametrize("circle", [1, 2, 3])
def test_a_circle_of_cursors_is_refused(circle: int) -> None:
    """Cursors that lead back to a page that was read end in an error, not in an endless run."""
    steps = cycle([Cursor(str(number), "iv") for number in range(circle)])
    paginator: Paginator[Cursor | Link] = CursorPaginator()

    with pytest.raises(BadAnswer, match="pagination loop"):
        list(islice(one_by_one(paginator, lambda _: Page([], next=next(steps))), 20))


def test_a_last_id_that_the_server_ignores_is_refused() -> None:
    """A server that answers each request with its first page ends in an error."""
    with pytest.raises(BadAnswer, match="repeated a page"):
        list(islice(one_by_one(LastIdPaginator(itemgetter("id")), lambda _: Page(records(3))), 20))


@each_walk
@pytest.mark.parametrize("total", [None, 7])
@pytest.mark.parametrize("of_size", [OffsetPaginator, PageNumberPaginator])
def test_a_skip_or_page_number_that_the_server_ignores_is_refused(
    of_size: Callable[[int], Paginator[int]], total: int | None, walking: Walk
) -> None:
    """A first page that is given for every other as well is an error, not an endless list."""

    def fetch(_: int | None) -> Page:
        return Page(records(3), total=total)

    with pytest.raises(BadAnswer):
        list(islice(walking(of_size(3), fetch), 20))
