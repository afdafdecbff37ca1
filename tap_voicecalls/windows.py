"""Windows of time: what a run reads, cut into half-open pieces. Pure: no clock, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open stretch of time ``start <= t < end``, in UTC."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def cut(self, length: timedelta) -> Iterator[Window]:
        """Yield adjoining windows of at most ``length``, ascending; none when empty."""
        start = self.start
        while start < self.end:
            end = min(start + length, self.end)
            yield Window(start, end)
            start = end


def reading_span(bounds: Window, bookmark: datetime | None, lookback: timedelta) -> Window:
    """Decide what one run reads of the time that the user wants to have read.

    A first run reads all of it; a later one from ``lookback`` before its bookmark, but never from
    before the bounds. The window may be empty, and then its end is not after its start.
    """
    start = bounds.start if bookmark is None else max(bounds.start, bookmark - lookback)
    return Window(start, bounds.end)
