"""Divides a span of time into windows. Pure, and exact: integers only.

Cuts are at whole seconds, or at multiples of a longer unit, within the span, so windows are
adjoining and never empty. If there are not enough of them, there are fewer windows than requested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import EPOCH
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A window and the number of calls in it.

    Attributes:
        window: The window.
        weight: The number of calls.
    """

    window: Window
    weight: int


def cut_by_days(span: Window, days: int) -> list[Window]:
    """Cut at midnight, every given number of days from the first day of the span."""
    midnight = span.start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = -((midnight - span.end) // _DAY) // days
    return _between(span, (midnight + number * days * _DAY for number in range(1, count + 1)))


def cut_evenly(span: Window, parts: int, grid: timedelta = _SECOND) -> list[Window]:
    """Cut into windows of the same length, at multiples of a unit of time."""
    return _between(span, _quantiles([Cell(span, 1)], parts), grid)


def cut_by_weight(cells: Sequence[Cell], parts: int) -> list[Window]:
    """Cut adjoining cells into windows of about the same weight.

    Calls are assumed to be spread evenly within a cell. If all cells are empty, windows have the
    same length.
    """
    span = Window(cells[0].window.start, cells[-1].window.end)
    if not any(cell.weight for cell in cells):
        return cut_evenly(span, parts)
    return _between(span, _quantiles(cells, parts))


def estimate_weights(cells: Sequence[Cell], windows: Sequence[Window]) -> list[int]:
    """Estimate the weight of each of adjoining windows; their sum is that of the cells."""
    sums = [_weight_before(cells, window.start) for window in windows]
    total = sum(cell.weight for cell in cells)
    return [after - before for before, after in pairwise([*sums, total])]


def _between(span: Window, cuts: Iterable[datetime], grid: timedelta = _SECOND) -> list[Window]:
    whole = {cut - (cut - EPOCH) % grid for cut in cuts}
    edges = [span.start, *sorted(cut for cut in whole if span.start < cut < span.end), span.end]
    return [Window(start, end) for start, end in pairwise(edges)]


def _quantiles(cells: Iterable[Cell], parts: int) -> Iterable[datetime]:
    cells = list(cells)
    total = sum(cell.weight for cell in cells)
    before, number = 0, 1
    for cell in cells:
        while number < parts and total * number <= (before + cell.weight) * parts:
            into_cell = total * number - before * parts
            yield _within(cell.window, into_cell, cell.weight * parts)
            number += 1
        before += cell.weight


def _within(window: Window, share: int, whole: int) -> datetime:
    """Return the moment after `share / whole` of a window."""
    return window.start + (window.end - window.start) // _TICK * share // whole * _TICK


def _weight_before(cells: Iterable[Cell], moment: datetime) -> int:
    return sum(cell.weight * _past(cell.window, moment) // _length(cell.window) for cell in cells)


def _past(window: Window, moment: datetime) -> int:
    return (min(max(moment, window.start), window.end) - window.start) // _TICK


def _length(window: Window) -> int:
    return (window.end - window.start) // _TICK
