"""Paging by an inclusive time: whatever the ties and the sizes, each record comes, or an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.growing_pages import GrowingPages, TimeCursor
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages
from tap_voicecalls.streams.paging.page import Page

START = datetime(2026, 1, 5, tzinfo=UTC)
SIZE, MOST = 100, 1000
COUNTS = st.lists(
    st.sampled_from([1, 2, 19, 20, 21, 49, 50, 51, 99, 100, 101, 200, 500, 999, 1000, 1200]),
    max_size=5,
)


class Server:
    """A list that is filtered by the stored time, and prints milliseconds."""

    def __init__(self, counts: list[int], cap: int = MOST, *, grain: int = 1000) -> None:
        """Make so many records of each time; the grain of the times is in microseconds."""
        self.cap, self.asked, self.is_exclusive = cap, 0, False
        self.window = START - timedelta(days=1)
        self.records: list[Any] = [
            {"at": START - timedelta(microseconds=grain * time), "id": (time, number)}
            for time, count in enumerate(counts)
            for number in range(count)
        ]

    def page(self, token: TimeCursor | None) -> Page:
        """Answer one request."""
        self.asked += 1
        found = [one for one in self.records if self._matches(one["at"], token)]
        shown = found[: min(self.cap, token.size if token else SIZE)]
        is_cut = token is not None and token.reach == "older"
        inside = [one for one in shown if is_cut or one["at"] >= self.window]
        return Page(inside, is_last=len(inside) < len(shown))

    def _matches(self, at: datetime, token: TimeCursor | None) -> bool:
        if token is None:
            return at >= self.window
        if token.reach == "older":
            return at < token.time
        is_inside = token.reach == "all" or at >= self.window
        return is_inside and (at < token.up_to if self.is_exclusive else at <= token.up_to)

    def read(self) -> set[Any]:
        """Read all of it; return the ids."""
        pages = iterate_pages(GrowingPages(printed, SIZE, MOST), self.page, lambda _: ())
        return {record["id"] for page in pages for record in page.items}

    @property
    def wanted(self) -> set[Any]:
        """The ids of the window."""
        return {one["id"] for one in self.records if one["at"] >= self.window}


def printed(record: Any) -> datetime:  # noqa: ANN401 - any record
    """Return the time as a server prints it."""
    at: datetime = record["at"]
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@given(counts=COUNTS, grain=st.sampled_from([1000, 2000]), is_exclusive=st.booleans())
def test_each_record_comes_or_an_error(
    counts: list[int], grain: int, *, is_exclusive: bool
) -> None:
    """A record that shares its time with many others is the one that is lost first."""
    server = Server(counts, grain=grain)
    server.is_exclusive = is_exclusive
    try:
        found = server.read()
    except BadAnswer:
        assert sum(sorted(counts)[-2:]) >= MOST
        return
    assert found == server.wanted
    assert server.asked <= 4 + 6 * len(counts) + sum(counts) // (SIZE // 2)


@given(st.lists(st.integers(1, 90), max_size=40), st.sampled_from([10, 50, 333]))
def test_times_may_be_finer_than_they_are_printed(counts: list[int], grain: int) -> None:
    """A server compares what it stores: the printed time is before some of its records."""
    server = Server(counts, grain=grain)
    assert sum(counts) > 700 or server.read() == server.wanted


@given(COUNTS, st.sampled_from([20, 30, 33, 50, 100]), st.integers(0, 4))
def test_a_server_with_smaller_pages_hides_nothing(counts: list[int], cap: int, kept: int) -> None:
    """A page that a server cuts short looks like the last one."""
    # Older records than those of the window show that the page was cut.
    server = Server([*counts, 1], cap)
    server.window = START - timedelta(milliseconds=min(kept, len(counts)))
    try:
        found = server.read()
    except BadAnswer:
        return
    assert found == server.wanted


@pytest.mark.parametrize("count", [10, 49, 50, 99, 100, 101, 150, 900])
@pytest.mark.parametrize("newer", [[], [3], [60, 1]])
def test_the_oldest_of_all_may_share_a_time(count: int, newer: list[int]) -> None:
    """A campaign before which there is nothing would be an error in each run."""
    server = Server([*newer, count])
    assert server.read() == server.wanted


def test_a_window_with_one_record_needs_two_requests() -> None:
    """Most windows of a small account hold a few records: what they need is paid daily."""
    server = Server([1])
    assert server.read() == server.wanted
    assert server.asked == 2


@pytest.mark.parametrize(
    ("times", "line"), [([1, 2], "not sorted by time"), ([None, 1], "has no time")]
)
def test_a_page_that_cannot_be_continued_is_an_error(times: list[int | None], line: str) -> None:
    """The next request would skip what is missing or out of order."""
    pages = GrowingPages(lambda one: one and START + timedelta(seconds=one), SIZE, MOST)

    with pytest.raises(BadAnswer, match=line):
        pages.after(None, Page(times))
