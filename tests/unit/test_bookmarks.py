"""The bookmarks of an account, and what is read of each part of its lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.times import format_time
from tap_voicecalls.common.windows import Window, segments
from tap_voicecalls.streams.bookmarks import Bookmarks

NOW = datetime(2026, 1, 20, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def spans(*hours: int) -> dict[str, Window]:
    """Return what is to be read of some parts, from so many hours on, for 10 hours in all."""
    end = START + 10 * HOUR
    return {str(number): Window(START + at * HOUR, end) for number, at in enumerate(hours)}


@given(st.lists(st.integers(0, 14), min_size=1, max_size=5))
def test_each_part_is_read_once_from_where_it_was(hours: list[int]) -> None:
    """A part that is read from too late loses calls, and one that is read twice is paid twice."""
    read: dict[str, list[int]] = {str(number): [] for number in range(len(hours))}
    for window, parts in segments(spans(*hours)):
        first, last = ((each - START) // HOUR for each in (window.start, window.end))
        for part in parts:
            read[part] += range(first, last)

    assert read == {str(number): list(range(at, 10)) for number, at in enumerate(hours)}


def test_the_stream_s_bookmark_is_that_of_the_part_that_is_behind() -> None:
    """Whoever reads the state alone must not take more for complete than is."""
    state: dict[str, Any] = {"parts": {"a": format_time(START + 3 * HOUR), "x": "2026-01-02"}}
    bookmarks = Bookmarks(state, ("a", "b"), NOW)

    bookmarks.complete_to(("b",), START + HOUR)
    bookmarks.write(state, "started_at", START)

    assert state["replication_key_value"] == format_time(START + HOUR)
    assert state["parts"] == {
        "a": format_time(START + 3 * HOUR),
        "b": format_time(START + HOUR),
        "x": "2026-01-02",
    }


def test_a_running_call_holds_the_parts_that_were_read_with_it() -> None:
    """A call of one product does not send the others back to where they were long ago."""
    bookmarks = Bookmarks({"parts": {"a": format_time(NOW - HOUR)}}, ("a", "b"), NOW)
    state: dict[str, Any] = {}

    bookmarks.cap(("b",), NOW - 30 * HOUR)
    bookmarks.complete_to(("a", "b"), NOW)
    bookmarks.write(state, "started_at", START)

    assert state["parts"] == {"a": format_time(NOW), "b": format_time(NOW - 30 * HOUR)}
