"""The bookmark of one list, and the bookmarks of an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.times import format_time
from tap_voicecalls.common.windows import Window, segments
from tap_voicecalls.streams.bookmarks import LONGEST_RUNNING, Bookmark, Bookmarks

NOW = datetime(2026, 1, 20, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


# One bookmark --------------------------------------------------------------------------------


def completed(bookmark: Bookmark, moment: datetime) -> datetime | None:
    """Complete a bookmark up to a moment, and return its value."""
    bookmark.complete_to(moment)
    return bookmark.value


hours_ago = st.integers(0, 400).map(lambda hours: NOW - hours * HOUR)


def test_the_first_window_makes_a_bookmark() -> None:
    """Without a bookmark the first window makes one."""
    assert completed(Bookmark(None, NOW), NOW - HOUR) == NOW - HOUR


def test_reading_the_lookback_again_does_not_move_the_bookmark_back() -> None:
    """A window before the bookmark leaves it where it is, or each run would read more."""
    assert completed(Bookmark(NOW - HOUR, NOW), NOW - 20 * HOUR) == NOW - HOUR


def test_the_oldest_running_call_caps_the_bookmark() -> None:
    """The next run must read a running call again, even if it was found late."""
    bookmark = Bookmark(NOW - HOUR, NOW)
    bookmark.cap(NOW - 30 * HOUR)
    bookmark.cap(NOW - 2 * HOUR)

    assert completed(bookmark, NOW) == NOW - 30 * HOUR


def test_a_call_that_runs_for_more_than_a_week_is_final() -> None:
    """A call that never ends must not stop the bookmark for ever."""
    bookmark = Bookmark(None, NOW)
    bookmark.cap(NOW - LONGEST_RUNNING - HOUR)

    assert completed(bookmark, NOW) == NOW
    assert bookmark.given_up == 1


@given(before=st.none() | hours_ago, running=st.lists(hours_ago), windows=st.lists(hours_ago))
def test_the_bookmark_never_passes_a_call_that_may_still_end(
    before: datetime | None, running: list[datetime], windows: list[datetime]
) -> None:
    """In any order of events, a bookmark past a running call would lose the end of that call."""
    bookmark = Bookmark(before, NOW)
    for started in running:
        bookmark.cap(started)
    waited_for = [started for started in running if started >= NOW - LONGEST_RUNNING]

    for window in windows:
        value = completed(bookmark, window)
        assert value is not None
        assert value <= min(waited_for, default=NOW)


# The bookmarks of an account -----------------------------------------------------------------


def spans(*hours: int) -> dict[str, Window]:
    """Return the spans of some parts, each from so many hours on, of 10 hours in all."""
    end = START + 10 * HOUR
    return {str(number): Window(START + at * HOUR, end) for number, at in enumerate(hours)}


@given(st.lists(st.integers(0, 14), min_size=1, max_size=5))
def test_each_part_is_read_once_from_its_bookmark(hours: list[int]) -> None:
    """A part that is read from too late loses calls, and one that is read twice is paid twice."""
    read: dict[str, list[int]] = {str(number): [] for number in range(len(hours))}
    for window, parts in segments(spans(*hours)):
        first, last = ((each - START) // HOUR for each in (window.start, window.end))
        for part in parts:
            read[part] += range(first, last)

    assert read == {str(number): list(range(at, 10)) for number, at in enumerate(hours)}


def test_the_bookmark_of_the_stream_is_that_of_the_last_part() -> None:
    """A reader of the state must not believe that more is complete than is."""
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


def test_a_running_call_caps_only_the_parts_that_were_read_with_it() -> None:
    """A call of one product does not move the bookmarks of the others back."""
    bookmarks = Bookmarks({"parts": {"a": format_time(NOW - HOUR)}}, ("a", "b"), NOW)
    state: dict[str, Any] = {}

    bookmarks.cap(("b",), NOW - 30 * HOUR)
    bookmarks.complete_to(("a", "b"), NOW)
    bookmarks.write(state, "started_at", START)

    assert state["parts"] == {"a": format_time(NOW), "b": format_time(NOW - 30 * HOUR)}
