"""The length of windows, by what earlier windows held."""

from __future__ import annotations

from datetime import timedelta

from tap_voicecalls.streams.window_length import WindowLength

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def length(*, known: bool) -> WindowLength:
    """Return the length of windows of a day at most, with 4,000 records in flight."""
    return WindowLength(DAY, MINUTE, in_flight=4_000, is_total_reported=known)


def test_the_first_window_is_read_alone_without_a_total() -> None:
    """Eight windows of a busy list would all be lost in an interruption, and paid for again."""
    unknown = length(known=False)

    assert unknown() == DAY
    assert unknown.at_once(8) == 1
    assert length(known=True).at_once(8) == 8


def test_windows_with_few_records_double_up_to_the_longest() -> None:
    """Concurrent windows with few records double the length once, not once each."""
    few = length(known=False)
    few.shorten(6 * HOUR)

    few.held(6 * HOUR, 10, 500)
    few.held(6 * HOUR, 10, 500)
    assert few() == 12 * HOUR
    few.held(12 * HOUR, 10, 500)
    few.held(DAY, 10, 500)
    assert few() == DAY


def test_windows_with_many_records_become_shorter_down_to_the_shortest() -> None:
    """The rows in flight are bounded for any number of records a day, and so are the requests."""
    many = length(known=False)
    many.shorten(6 * HOUR)

    many.held(6 * HOUR, 8_000, 500)
    assert many() == 36 * MINUTE
    assert many.at_once(8) == 5
    many.held(36 * MINUTE, 10**6, 500)
    assert many() == MINUTE
