"""Each way of paging alone: the token of the page that follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import itemgetter

import pytest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.page import Link, Page
from tap_voicecalls.streams.paging.paginators import (
    CursorPaginator,
    LastIdPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    TimeCursorPaginator,
)

LINK = Link("https://api.example/next")
MILLISECOND = timedelta(milliseconds=1)


def records(count: int) -> list[dict[str, str]]:
    """Make records that can be told apart."""
    return [{"id": f"call-{number}"} for number in range(count)]


def at(second: int) -> datetime:
    """Return a time."""
    return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(seconds=second)


def timed(*seconds: int) -> Page:
    """Return a page of records of these times."""
    return Page([{"id": number, "at": at(second)} for number, second in enumerate(seconds)])


def newest_first(size: int = 3) -> TimeCursorPaginator:
    """Return a paginator of a list with the newest first and a filter such as `createdAtLt`."""
    return TimeCursorPaginator(itemgetter("at"), size, MILLISECOND)


@pytest.mark.parametrize("named", ["c1", LINK, None])
def test_a_cursor_paginator_follows_what_the_page_names(named: str | Link | None) -> None:
    """An empty page that names a next one is not the end."""
    assert named == CursorPaginator().after(None, Page([], next=named))


def test_a_last_id_is_that_of_the_last_record() -> None:
    """The next page follows the last record, not the first."""
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
def test_page_numbers_count_to_the_end(number: int, page: Page, expected: int | None) -> None:
    """The counts end a list with a page that is not full; an empty page always does."""
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
def test_an_offset_skips_what_was_read(skipped: int, page: Page, expected: int | None) -> None:
    """An empty page ends the list, and so does a page that is not full at the reported total."""
    assert expected == OffsetPaginator().after(skipped, page)


def test_a_time_cursor_includes_the_time_of_the_last_record() -> None:
    """Some records of that time may be on the next page, which a filter without it would skip."""
    paginator = newest_first()

    assert paginator.start is None
    assert paginator.after(None, timed(9, 7, 5)) == at(5) + MILLISECOND
    assert paginator.after(at(5) + MILLISECOND, timed(5, 4)) == at(4) + MILLISECOND


def test_a_time_cursor_ends_when_only_records_of_its_own_time_come() -> None:
    """A short page is not the end, because a server may cap its pages."""
    paginator = newest_first()
    paginator.after(None, timed(9, 5))

    assert paginator.after(at(5) + MILLISECOND, timed(5)) is None
    assert newest_first().after(None, Page([])) is None


def test_a_time_cursor_ends_a_list_of_one_record() -> None:
    """The only record comes twice, and is not mistaken for a full page."""
    paginator = newest_first()

    assert paginator.after(None, timed(5)) == at(5) + MILLISECOND
    assert paginator.after(at(5) + MILLISECOND, timed(5)) is None


@pytest.mark.parametrize("length", [2, 3])
def test_a_full_page_of_one_time_is_an_error(length: int) -> None:
    """Full means as long as requested, or as long as the longest page."""
    paginator = newest_first()
    paginator.after(None, timed(*range(9, 9 - length, -1)))
    token = at(5) + MILLISECOND
    paginator.after(at(8) + MILLISECOND, timed(*[7] * (length - 1), 5))

    with pytest.raises(BadAnswer, match=f"{length} records share the time 2026-01-05T00:00:05"):
        paginator.after(token, timed(*[5] * length))


def test_a_round_number_of_records_of_one_time_is_an_error() -> None:
    """A server that caps its pages at 50 may have more records of that time."""
    paginator = newest_first(size=100)
    token = paginator.after(None, timed(*[5] * 50))

    with pytest.raises(BadAnswer, match="50 records share the time"):
        paginator.after(token, timed(*[5] * 50))


def test_a_last_record_without_a_time_is_an_error() -> None:
    """There is nothing to name the next page by."""
    with pytest.raises(BadAnswer, match="has no time"):
        newest_first().after(None, Page([{"id": 1, "at": None}]))
