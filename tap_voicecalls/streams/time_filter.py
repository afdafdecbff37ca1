"""Checks whether a server applies the time filter: rows whose time is outside their window.

A server may print another time than it filters by: local time, or a rounded one. Such a row is
kept, because no other window may bring it, and counted. If most rows are far outside, or the same
rows come for windows that do not overlap, the server ignores the filter.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import duration_text, format_time, parse_time
from tap_voicecalls.rows.row import time_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row

# APIs print and filter by times of different precision, so a row may be off by less than a second.
_PRECISION = timedelta(seconds=1)
# Time zones are up to 14 hours from UTC, and two of them up to 26 from each other.
_LONGEST_OFFSET = timedelta(hours=26)
# Fewer rows than this are no evidence of what a server does.
_EVIDENCE = 10
# Rows outside their windows whose keys are kept, to recognize them when they come again: a few
# pages are enough, and more would fill the memory.
_REMEMBERED = 5_000


class TimeFilterCheck:
    """The check of one read; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = self._far = self._kept = 0
        self._early = self._late = timedelta(0)
        self._windows: dict[Hashable, Window] = {}

    def check(self, rows: Sequence[Row], window: Window, requested: Window) -> None:
        """Check a page of rows.

        Args:
            rows: The page.
            window: The window that is read.
            requested: The window with what the request reaches beyond it.

        Raises:
            BadAnswer: The server ignores the time filter.
        """
        start, end = requested.as_text
        times = [*filter(None, map(time_of, rows))]
        is_inside = not times or (start <= min(times) and max(times) < end)
        if is_inside and not self._windows:
            self._seen += len(rows)  # a count that is off by a page decides nothing
            return
        outside = [row for row in rows if row.time and not start <= row.time < end]
        with self._lock:
            self._seen += len(rows)
            kept = self._far_outside(outside, window)
            self._require_new(rows, window)
            for row in kept[: _REMEMBERED - len(self._windows)]:
                self._windows.setdefault(row.key, window)

    def warning(self) -> str:
        """Return how many rows were outside, by how much, and the likely reason; or nothing."""
        if not self._kept:
            return ""
        most = max(self._early, self._late)
        reason = (
            "the server may print local time without an offset"
            if most <= _LONGEST_OFFSET
            else "their times may be wrong, or in another unit"
        )
        return (
            f"{self._kept} of {self._seen} records have a time outside the window that was "
            f"requested, by up to {duration_text(most.total_seconds())}: they are kept as sent; "
            f"{reason}"
        )

    def _far_outside(self, outside: Iterable[Row], window: Window) -> list[Row]:
        """Return the rows that are outside by more than the precision of times."""
        kept = []
        for row in outside:
            time = parse_time(row.time)
            early, late = window.start - time, time - window.end
            if (distance := max(early, late)) > _PRECISION:
                kept.append(row)
                self._far += distance > _LONGEST_OFFSET
                self._early, self._late = max(self._early, early), max(self._late, late)
        self._kept += len(kept)
        if self._far >= _EVIDENCE and 2 * self._far > self._seen:
            start, end = map(format_time, (window.start, window.end))
            msg = (
                f"the server ignores the time filter: requested {start} to {end}, but most of "
                f"{self._seen} records are outside ({self._far} by more than "
                f"{duration_text(_LONGEST_OFFSET.total_seconds())}); check `base_url`, and ask the "
                "provider"
            )
            raise BadAnswer(msg)
        return kept

    def _require_new(self, rows: Sequence[Row], window: Window) -> None:
        """Refuse a page of which most rows came for a window elsewhere before."""
        repeated = 0
        for row in rows:
            before = self._windows.get(row.key)
            repeated += before is not None and not _overlap(before, window)
        if repeated >= _EVIDENCE and 2 * repeated > len(rows):
            start, end = map(format_time, (window.start, window.end))
            msg = (
                f"the server ignores the time filter: {repeated} of the {len(rows)} records of a "
                f"page for {start} to {end} had come for another time already; check `base_url`, "
                "and ask the provider"
            )
            raise BadAnswer(msg)


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end
