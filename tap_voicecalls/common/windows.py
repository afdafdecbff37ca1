"""Windows of time: the half-open intervals that a run reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import EPOCH, format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

_SHORTEST = timedelta(milliseconds=1)  # the finest resolution that all APIs filter by


@dataclass(frozen=True)
class Window:
    """The half-open interval ``start <= t < end``, in UTC."""

    start: datetime
    end: datetime

    def contains(self, time: str) -> bool:
        """Whether a time, as text in a record, lies in the window."""
        start, end = self.as_text
        return start <= time < end

    @cached_property
    def as_text(self) -> tuple[str, str]:
        """Start and end as text, as in records."""
        return format_time(self.start), format_time(self.end)

    @property
    def can_be_divided(self) -> bool:
        """Whether any API can filter by each half of it."""
        return self.end - self.start >= 2 * _SHORTEST

    def divided(self, parts: int) -> list[Window]:
        """Return adjacent windows that cover this one, divided at whole milliseconds.

        Args:
            parts: How many; fewer are returned if they would be too short.
        """
        ticks = (self.end - self.start) // _SHORTEST
        parts = min(parts, ticks)
        inner = [self.start + (ticks * part // parts) * _SHORTEST for part in range(1, parts)]
        edges = [self.start, *inner, self.end]
        return [Window(start, end) for start, end in pairwise(edges)]

    def cut(
        self, length: Callable[[], timedelta], grid: timedelta = timedelta.resolution
    ) -> Iterator[Window]:
        """Yield adjacent windows in ascending order.

        Args:
            length: Returns the maximum length of the next window; called before each.
            grid: Windows end at multiples of this since the epoch, and are as long at least.
        """
        start = self.start
        while start < self.end:
            end = start + length()
            end = max(end - (end - EPOCH) % grid, start - (start - EPOCH) % grid + grid)
            end = min(end, self.end)
            yield Window(start, end)
            start = end


def reading_span(bounds: Window, bookmark: datetime | None, lookback: timedelta) -> Window:
    """Return the window that a run reads.

    The first run reads all of the bounds. A later one starts at its bookmark minus the lookback,
    but not before the bounds. The window is empty if its start is not before its end.

    Args:
        bounds: The time that the user wants to have read.
        bookmark: The time up to which earlier runs were complete; None if there was none.
        lookback: How far before the bookmark to read again.
    """
    if bookmark is None or bookmark - bounds.start <= lookback:
        return bounds
    return Window(bookmark - lookback, bounds.end)


def segments(spans: Mapping[str, Window]) -> list[tuple[Window, tuple[str, ...]]]:
    """Return which parts of a list to read together, and over which windows.

    A part that lags behind is read alone up to where the next one begins, and with it from there.

    Args:
        spans: The window to read of each part; all end at the same time.

    Returns:
        Windows in ascending order, each with its parts.
    """
    starts = sorted({span.start for span in spans.values()})
    found: list[tuple[Window, tuple[str, ...]]] = []
    if not spans:
        return found
    end = max(span.end for span in spans.values())
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        parts = tuple(part for part, span in spans.items() if span.start <= start)
        if start < end or len(starts) == 1:
            found.append((Window(start, min(following, end)), parts))
    return found
