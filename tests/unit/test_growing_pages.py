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
    st.sampled_from([1, 2, 49, 50, 51, 99, 100, 101, 200, 500, 999, 1000, 1200]), max_size=5
)


def read(counts: list[int], cap: int) -> tuple[int, int]:
    """Read a list with so many records of each time; return how many came, in how many pages."""
    records: list[Any] = [
        {"at": START + timedelta(milliseconds=-time), "id": (time, number)}
        for time, count in enumerate(counts)
        for number in range(count)
    ]
    asked = 0

    def fetch(token: TimeCursor | None) -> Page:
        nonlocal asked
        asked += 1
        size = min(cap, token.size if token else SIZE)
        return Page([one for one in records if token is None or one["at"] <= token.time][:size])

    def time_of(record: Any) -> datetime:  # noqa: ANN401 - any record
        at: datetime = record["at"]
        return at

    pages = iterate_pages(GrowingPages(time_of, SIZE, MOST), fetch, lambda _: ())
    return len({record["id"] for page in pages for record in page.items}), asked


@given(COUNTS)
def test_each_record_comes_or_an_error(counts: list[int]) -> None:
    """A record that shares its time with many others is the one that is lost first."""
    try:
        found, asked = read(counts, MOST)
    except BadAnswer:
        # The last ones of all may also be a page that the server has cut.
        assert max(counts) >= MOST or counts[-1] in {50, 100}
        return
    assert found == sum(counts)
    assert asked <= 2 + 6 * len(counts) + sum(counts) // (SIZE // 2)


@given(COUNTS, st.sampled_from([50, 100]))
def test_a_server_with_smaller_pages_hides_nothing(counts: list[int], cap: int) -> None:
    """A page that a server cuts short looks like the last one."""
    try:
        found, _ = read(counts, cap)
    except BadAnswer:
        return
    assert found == sum(counts)


@pytest.mark.parametrize(
    ("times", "line"), [([1, 2], "not sorted by time"), ([None, 1], "has no time")]
)
def test_a_page_that_cannot_be_continued_is_an_error(times: list[int | None], line: str) -> None:
    """The next request would skip what is missing or out of order."""
    pages = GrowingPages(lambda one: one and START + timedelta(seconds=one), SIZE, MOST)

    with pytest.raises(BadAnswer, match=line):
        pages.after(None, Page(times))
