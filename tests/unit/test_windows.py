"""Windows: what a run reads, cut without gaps or overlaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.times import format_time
from tap_voicecalls.common.windows import Window, reading_span

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
START = datetime(2026, 1, 5, tzinfo=UTC)
BOUNDS = Window(START, START + 10 * DAY)

LENGTHS = st.timedeltas(timedelta(hours=1), timedelta(days=40))
SPANS = st.builds(
    lambda offset, length: Window(START + offset, START + offset + length),
    st.timedeltas(-1000 * DAY, 1000 * DAY),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=10)),
)


@given(SPANS, LENGTHS)
def test_windows_adjoin_and_cover_the_span(span: Window, length: timedelta) -> None:
    """Each window starts where the one before ended, from the span's start to its end."""
    windows = list(span.cut(lambda: length))

    assert span.start == windows[0].start
    assert span.end == windows[-1].end
    assert [window.end for window in windows[:-1]] == [window.start for window in windows[1:]]
    assert all(timedelta(0) < window.end - window.start <= length for window in windows)


@given(SPANS, LENGTHS, st.data())
def test_each_time_is_in_exactly_one_window(
    span: Window, length: timedelta, data: st.DataObject
) -> None:
    """A call at an edge is in one window: not in two, and not in none."""
    windows = list(span.cut(lambda: length))
    edges = [window.start for window in windows] + [span.end]
    around = st.sampled_from(edges).flatmap(
        lambda edge: st.timedeltas(-timedelta(microseconds=2), DAY).map(lambda step: edge + step)
    )
    moment = data.draw(around)

    time = format_time(moment)
    assert int(span.contains(time)) == sum(window.contains(time) for window in windows)


def test_each_window_may_have_another_length() -> None:
    """A length that changes while windows are read applies from the next window on."""
    lengths = iter([DAY, 2 * DAY, 5 * DAY, 99 * DAY])

    windows = BOUNDS.cut(lambda: next(lengths))

    assert [(window.end - window.start).days for window in windows] == [1, 2, 5, 2]


@given(SPANS.filter(lambda span: span.can_be_divided), st.integers(2, 40))
def test_parts_make_up_the_window(window: Window, wanted: int) -> None:
    """A window with too many records is read in parts: all shorter, none empty, without gaps."""
    parts = window.divided(wanted)

    assert (window.start, window.end) == (parts[0].start, parts[-1].end)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert all(part.end - part.start >= MILLISECOND for part in parts)
    assert all((part.start - window.start) % MILLISECOND == timedelta(0) for part in parts)
    assert 2 <= len(parts) <= wanted


@given(SPANS, st.integers(2, 40))
def test_dividing_ends(window: Window, parts: int) -> None:
    """A window that stays too large is divided down to the shortest, and not for ever."""
    times = 0
    while window.can_be_divided:
        window, times = window.divided(parts)[-1], times + 1

    assert window.end - window.start < 2 * MILLISECOND
    assert times <= 40


@pytest.mark.parametrize("end", [START, START - DAY])
def test_an_empty_span_has_no_windows(end: datetime) -> None:
    """A span whose end is not after its start costs no request."""
    assert list(Window(START, end).cut(lambda: DAY)) == []


@pytest.mark.parametrize(
    ("bookmark", "lookback", "expected"),
    [
        pytest.param(None, DAY, START, id="the first run reads from the start"),
        pytest.param(START + 5 * DAY, DAY, START + 4 * DAY, id="a later one looks back"),
        pytest.param(START + 5 * DAY, timedelta(0), START + 5 * DAY, id="no look back is none"),
        pytest.param(START + DAY / 2, DAY, START, id="never to before the start"),
        pytest.param(START - 5 * DAY, DAY, START, id="an old bookmark does not widen the span"),
    ],
)
def test_a_run_starts_at_its_bookmark_less_the_lookback(
    bookmark: datetime | None, lookback: timedelta, expected: datetime
) -> None:
    """It reads within the bounds, to their end."""
    assert Window(expected, BOUNDS.end) == reading_span(BOUNDS, bookmark, lookback)


def test_a_bookmark_past_the_end_leaves_nothing_to_read() -> None:
    """A completed backfill reads nothing, instead of a window turned backwards."""
    span = reading_span(BOUNDS, BOUNDS.end + 3 * DAY, DAY)

    assert list(span.cut(lambda: DAY)) == []


def test_a_very_long_lookback_reads_everything() -> None:
    """A lookback longer than the calendar, for users who want to read everything each time."""
    assert reading_span(BOUNDS, START + DAY, timedelta(hours=100_000_000)) == BOUNDS
