"""The time that is read by report, and its pieces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.vonage.ranges import goes_by_report, months, settled

NOW = datetime(2026, 3, 15, 13, 5, 22, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
LOOKBACKS = st.timedeltas(timedelta(0), timedelta(days=40))


def at(text: str) -> datetime:
    """Read a time, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "lookback", "expected"),
    [
        # The midnight before all that may still change.
        (NOW, timedelta(0), "2026-03-15"),
        (NOW, DAY, "2026-03-14"),
        (NOW, timedelta(hours=13), "2026-03-15"),
        (NOW, timedelta(hours=14), "2026-03-14"),
        # A backfill of the past is settled to its end, cut to the second.
        (at("2026-02-03T04:05:06.789"), DAY, "2026-02-03T04:05:06"),
        # Nothing is.
        (NOW, timedelta(days=400), "2026-01-01"),
        (at("2025-12-31"), DAY, "2026-01-01"),
    ],
)
def test_settled_time_ends_at_a_midnight_before_the_lookback(
    end: datetime, lookback: timedelta, expected: str
) -> None:
    """A report of calls that may still change would be reused later without late calls."""
    part = settled(Window(at("2026-01-01"), end), NOW, lookback)

    assert part == Window(at("2026-01-01"), at(expected))


@given(start=MOMENTS, end=MOMENTS, now=MOMENTS, lookback=LOOKBACKS)
def test_settled_time_is_older_than_the_lookback_and_has_whole_seconds(
    start: datetime, end: datetime, now: datetime, lookback: timedelta
) -> None:
    """It ends the lookback ago or earlier, and its edges are whole seconds."""
    part = settled(Window(start, end), now, lookback)

    assert part.start <= part.end
    assert part.start.microsecond == part.end.microsecond == 0
    assert start - timedelta(seconds=1) < part.start <= start
    if part.start < part.end:
        assert now - part.end >= lookback
        assert part.end <= end


@pytest.mark.parametrize(
    ("mode", "days", "expected"),
    [
        ("sync", 400, False),
        ("auto", 400, True),
        ("auto", 31.0001, True),
        ("auto", 31, False),
        ("async", 0.0001, True),
        ("async", 0, False),
    ],
)
def test_the_mode_and_the_length_decide_whether_reports_are_used(
    mode: str, days: float, *, expected: bool
) -> None:
    """A user who chose a way, or relies on the documented 31 days, gets just that."""
    part = Window(NOW, NOW + timedelta(days=days))

    assert goes_by_report(mode, part) is expected


def test_pieces_are_months() -> None:
    """A range over a leap February and a turn of the year is cut at the first of each month."""
    span = Window(at("2023-12-30T10:00:00"), at("2024-03-01T00:00:01"))

    edges = [(str(piece.start)[:19], str(piece.end)[:19]) for piece in months(span)]

    assert edges == [
        ("2023-12-30 10:00:00", "2024-01-01 00:00:00"),
        ("2024-01-01 00:00:00", "2024-02-01 00:00:00"),
        ("2024-02-01 00:00:00", "2024-03-01 00:00:00"),
        ("2024-03-01 00:00:00", "2024-03-01 00:00:01"),
    ]


@given(start=MOMENTS, end=MOMENTS)
def test_pieces_cover_the_range_once(start: datetime, end: datetime) -> None:
    """A gap between two pieces would lose calls, an overlap would pay for them twice."""
    pieces = list(months(Window(start, end)))

    assert all(piece.start < piece.end for piece in pieces)
    assert all(first.end == second.start for first, second in pairwise(pieces))
    assert [edge for piece in pieces[:1] for edge in [piece.start]] == ([start] * (start < end))
    assert [edge for piece in pieces[-1:] for edge in [piece.end]] == ([end] * (start < end))


@given(start=MOMENTS, now=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_later_run_asks_for_the_same_pieces(
    start: datetime, now: datetime, later: timedelta
) -> None:
    """Whenever the next run starts, only the last piece may have become another."""
    asked, again = (
        list(months(settled(Window(start, moment), moment, DAY))) for moment in (now, now + later)
    )

    assert asked[:-1] == again[: len(asked[:-1])]
