"""Windows cover the span without gaps or overlaps, and have similar weights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.backfill.cutting import (
    Cell,
    cut_by_days,
    cut_by_weight,
    cut_evenly,
    estimate_weights,
)
from tap_voicecalls.backfill.sharing import distribute, weigh
from tap_voicecalls.common.windows import Window

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
YEAR_2025 = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(2026, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
SPANS = st.builds(
    lambda start, length: Window(start, start + length),
    MOMENTS,
    st.timedeltas(timedelta(microseconds=1), timedelta(days=500)),
)
PARTS = st.integers(1, 60)


@st.composite
def counted_spans(draw: st.DrawFn) -> tuple[list[Cell], list[datetime]]:
    """Draw adjoining cells with the calls in them, most of which come in bursts."""
    edges = sorted(draw(st.sets(st.integers(0, 10**6), min_size=2, max_size=12)))
    windows = [
        Window(YEAR_2025 + start * SECOND, YEAR_2025 + end * SECOND)
        for start, end in pairwise(edges)
    ]
    starts = draw(st.lists(st.integers(edges[0], edges[-1] - 1), max_size=60))
    calls = sorted(YEAR_2025 + start * SECOND for start in starts)
    return [Cell(window, number_in(window, calls)) for window in windows], calls


def number_in(window: Window, calls: list[datetime]) -> int:
    """Count the calls that start in a window."""
    return sum(window.start <= call < window.end for call in calls)


def assert_covers(windows: list[Window], span: Window) -> None:
    """Check that windows cover the span without gaps, are not empty, and are cut at seconds."""
    assert windows[0].start == span.start
    assert windows[-1].end == span.end
    assert all(before.end == after.start for before, after in pairwise(windows))
    assert all(window.start < window.end for window in windows)
    assert [window.start for window in windows[1:] if window.start.microsecond] == []


@given(SPANS, PARTS)
def test_even_windows_cover_the_span(span: Window, parts: int) -> None:
    """A gap between shards loses calls, and an overlap loads them twice."""
    windows = cut_evenly(span, parts)

    assert_covers(windows, span)
    assert len(windows) <= parts
    if span.end - span.start > 2 * parts * SECOND:
        lengths = [window.end - window.start for window in windows]
        assert len(windows) == parts
        assert max(lengths) - min(lengths) <= 2 * SECOND


@given(SPANS, st.integers(1, 400))
def test_cuts_by_days_are_at_midnight(span: Window, days: int) -> None:
    """A shard that starts within a day costs one more window of Vonage and Telnyx."""
    windows = cut_by_days(span, days)

    assert_covers(windows, span)
    inner = [window.start for window in windows[1:]]
    first_day = span.start.replace(hour=0, minute=0, second=0, microsecond=0)
    assert inner == [first_day + number * days * DAY for number in range(1, len(inner) + 1)]
    assert windows[-1].end - windows[-1].start <= days * DAY


@given(counted_spans(), PARTS)
def test_windows_have_similar_weights(
    counted: tuple[list[Cell], list[datetime]], parts: int
) -> None:
    """The largest shard decides how long the whole backfill takes."""
    cells, calls = counted

    windows = cut_by_weight(cells, parts)

    assert_covers(windows, Window(cells[0].window.start, cells[-1].window.end))
    assert len(windows) <= parts
    # A window's ends are estimates within their cells, and up to a second off.
    uncertain = 4 * max(cell.weight for cell in cells)
    fair = Fraction(len(calls), parts)
    assert all(number_in(window, calls) <= fair + uncertain for window in windows)


@given(counted_spans(), PARTS)
def test_estimates_add_up_to_the_count(
    counted: tuple[list[Cell], list[datetime]], parts: int
) -> None:
    """The sum of the expected calls of all shards is the provider's total."""
    cells, calls = counted

    estimates = estimate_weights(cells, cut_by_weight(cells, parts))

    assert sum(estimates) == len(calls)
    assert min(estimates) >= 0


def test_busy_times_get_more_windows() -> None:
    """A quiet period before a busy one is a single window, and cuts are exact."""
    quiet = Cell(Window(YEAR_2025, YEAR_2025 + 100 * DAY), 10)
    busy = Cell(Window(YEAR_2025 + 100 * DAY, YEAR_2025 + 104 * DAY), 40)

    windows = cut_by_weight([quiet, busy], 5)

    inner = [window.start - YEAR_2025 for window in windows[1:]]
    assert inner == [100 * DAY, 101 * DAY, 102 * DAY, 103 * DAY]
    assert estimate_weights([quiet, busy], windows) == [10, 10, 10, 10, 10]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(1, 200))
def test_shards_are_distributed_by_weight(known: list[int], total: int) -> None:
    """No other distribution has a smaller largest shard, and each unit gets a shard."""
    counts = distribute([Fraction(weight) for weight in known], total)

    assert sum(counts) == max(total, len(known))
    assert min(counts) >= 1
    largest = max(Fraction(weight, count) for weight, count in zip(known, counts, strict=True))
    if largest:
        # With one shard less, any unit's shards would be at least as large as the largest.
        assert all(
            count == 1 or Fraction(weight, count - 1) >= largest
            for weight, count in zip(known, counts, strict=True)
        )


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(1, 200))
def test_more_shards_never_take_one_from_a_unit(known: list[int], total: int) -> None:
    """A higher total never makes a shard larger."""
    units = [Fraction(weight) for weight in known]

    before, after = distribute(units, total), distribute(units, total + 1)

    assert all(fewer <= more for fewer, more in zip(before, after, strict=True))


def test_an_uncounted_account_gets_the_mean_weight() -> None:
    """The units of an uncounted account share one account's weight."""
    north, south, third = ("burki", "north"), ("burki", "south"), ("vonage", "x")

    found = weigh([(north, 100), (south, 500), (third, None), (third, None), (third, None)])

    assert found == [100, 500, 100, 100, 100]
    assert weigh([(third, None), (third, None)]) == [Fraction(1, 2), Fraction(1, 2)]
    assert weigh([(north, 0), (third, None)]) == [0, 1]
