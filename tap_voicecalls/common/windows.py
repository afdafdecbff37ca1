"""Windows of time: what a run reads, cut into half-open pieces. Pure: no clock, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

_SHORTEST = timedelta(milliseconds=1)  # the finest time that all APIs filter by


@dataclass(frozen=True)
class Window:
    """The half-open stretch of time ``start <= t < end``, in UTC."""

    start: datetime
    end: datetime

    def contains(self, time: str) -> bool:
        """Tell whether a time as records have it lies in the window."""
        start, end = self.as_text
        return start <= time < end

    @cached_property
    def as_text(self) -> tuple[str, str]:
        """Start and end as records have them."""
        return format_time(self.start), format_time(self.end)

    @property
    def can_be_divided(self) -> bool:
        """Whether two parts of it would be long enough for any API to tell them apart."""
        return self.end - self.start >= 2 * _SHORTEST

    def divided(self, parts: int) -> list[Window]:
        """Return adjoining windows that make up this one, divided at whole milliseconds.

        Args:
            parts: How many; fewer if they would be too short.
        """
        ticks = (self.end - self.start) // _SHORTEST
        parts = min(parts, ticks)
        inner = [self.start + (ticks * part // parts) * _SHORTEST for part in range(1, parts)]
        edges = [self.start, *inner, self.end]
        return [Window(start, end) for start, end in pairwise(edges)]

    def cut(self, length: Callable[[], timedelta]) -> Iterator[Window]:
        """Yield adjoining windows, ascending; none when empty.

        Args:
            length: How long the next window is at the most; asked before each.
        """
        start = self.start
        while start < self.end:
            end = min(start + length(), self.end)
            yield Window(start, end)
            start = end


def reading_span(bounds: Window, bookmark: datetime | None, lookback: timedelta) -> Window:
    """Decide what one run reads of the time that the user wants to have read.

    A first run reads all of it; a later one from ``lookback`` before its bookmark, but never from
    before the bounds. The window may be empty, and then its end is not after its start.
    """
    if bookmark is None or bookmark - bounds.start <= lookback:
        return bounds
    return Window(bookmark - lookback, bounds.end)


def segments(spans: Mapping[str, Window]) -> list[tuple[Window, tuple[str, ...]]]:
    """Say what to read of several parts of a list, one after the other.

    A part that lags is read alone up to where the next one begins, and from there on with it.

    Args:
        spans: What is to be read of each part; all end at the same time.
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
