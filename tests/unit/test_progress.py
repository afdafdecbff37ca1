"""The bookmark of one account in one run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.streams.progress import LONGEST_RUNNING, Bookmark

NOW = datetime(2026, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def completed(progress: Bookmark, moment: datetime) -> datetime | None:
    """Take note that all is read up to a moment, and return the bookmark."""
    progress.complete_to(moment)
    return progress.bookmark


hours_ago = st.integers(0, 400).map(lambda hours: NOW - hours * HOUR)


def test_a_first_run_moves_with_its_windows() -> None:
    """Without a bookmark the first window makes one."""
    assert completed(Bookmark(None, NOW), NOW - HOUR) == NOW - HOUR


def test_reading_the_lookback_again_does_not_move_back() -> None:
    """A window before the bookmark leaves it where it is, or each run would read more."""
    assert completed(Bookmark(NOW - HOUR, NOW), NOW - 20 * HOUR) == NOW - HOUR


def test_a_running_call_holds_the_bookmark() -> None:
    """The next run must read a call again that had not ended, even if it was found late."""
    progress = Bookmark(NOW - HOUR, NOW)
    progress.cap(NOW - 30 * HOUR)
    progress.cap(NOW - 2 * HOUR)

    assert completed(progress, NOW) == NOW - 30 * HOUR


def test_a_call_that_runs_for_a_week_is_taken_as_final() -> None:
    """A call that never ends must not keep the stream from moving on for ever."""
    progress = Bookmark(None, NOW)
    progress.cap(NOW - LONGEST_RUNNING - HOUR)

    assert completed(progress, NOW) == NOW
    assert progress.given_up == 1


@given(bookmark=st.none() | hours_ago, running=st.lists(hours_ago), windows=st.lists(hours_ago))
def test_the_bookmark_never_passes_a_call_worth_waiting_for(
    bookmark: datetime | None, running: list[datetime], windows: list[datetime]
) -> None:
    """Whatever comes in which order, a bookmark past a young running call would lose its end."""
    progress = Bookmark(bookmark, NOW)
    for started in running:
        progress.cap(started)
    waited_for = [started for started in running if started >= NOW - LONGEST_RUNNING]

    for window in windows:
        at = completed(progress, window)
        assert at is not None
        assert at <= min(waited_for, default=NOW)
