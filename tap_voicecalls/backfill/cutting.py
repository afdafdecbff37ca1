"""Where a stretch of time is cut, so that its parts are alike. Pure, and exact: whole numbers only.

Cuts lie at whole seconds, strictly within the stretch, so the parts adjoin, overlap nowhere and
are never empty. There are fewer parts than asked for where there are not enough seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of time of which it is known how much it holds, but not where in it.

    Attributes:
        window: The stretch.
        weight: How much it holds: calls, as a rule.
    """

    window: Window
    weight: int


def every(span: Window, days: int) -> list[Window]:
    """Cut at midnights, every so many days, counted from the day on which the span starts."""
    midnight = span.start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = -((midnight - span.end) // _DAY) // days
    return _between(span, (midnight + number * days * _DAY for number in range(1, count + 1)))


def evenly(span: Window, parts: int) -> list[Window]:
    """Cut into parts of the same length."""
    return into([Cell(span, 1)], parts)


def into(cells: Sequence[Cell], parts: int) -> list[Window]:
    """Cut into parts that hold the same, as far as adjoining cells tell it.

    Within a cell everything is taken to be spread evenly. Empty cells alone are cut by length.
    """
    span = Window(cells[0].window.start, cells[-1].window.end)
    if not any(cell.weight for cell in cells):
        return evenly(span, parts)
    return _between(span, _quantiles(cells, parts))


def held(cells: Sequence[Cell], windows: Sequence[Window]) -> list[int]:
    """Estimate how much each of adjoining windows holds; together they hold what the cells do."""
    sums = [_held_before(cells, window.start) for window in windows]
    total = sum(cell.weight for cell in cells)
    return [after - before for before, after in pairwise([*sums, total])]


def _between(span: Window, cuts: Iterable[datetime]) -> list[Window]:
    whole = {cut.replace(microsecond=0) for cut in cuts}
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
    """Return the moment at which a share of a window is over."""
    return window.start + (window.end - window.start) // _TICK * share // whole * _TICK


def _held_before(cells: Iterable[Cell], moment: datetime) -> int:
    return sum(cell.weight * _past(cell.window, moment) // _length(cell.window) for cell in cells)


def _past(window: Window, moment: datetime) -> int:
    return (min(max(moment, window.start), window.end) - window.start) // _TICK


def _length(window: Window) -> int:
    return (window.end - window.start) // _TICK
