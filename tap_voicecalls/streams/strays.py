"""Rows whose own time lies outside of the window that the server sent them for.

The server may print another time than it filters by: local time, or one that it rounds. Such a row
is kept, for no other window may bring it, and counted. Where most rows are far outside, or the same
rows come for windows that have nothing in common, the server does not go by the dates at all.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row

# APIs print and filter by times of different precision, so a row may be off by less than a second.
_PRECISION = timedelta(seconds=1)
# Time zones are up to 14 hours from UTC, and two of them up to 26 from each other.
_LONGEST_OFFSET = timedelta(hours=26)
# Fewer rows than that are no evidence of what a server does.
_EVIDENCE = 10
# Rows outside of their windows whose keys are remembered, to know them when they come again: some
# pages are enough, and more would fill the memory.
_REMEMBERED = 5_000


class Strays:
    """The rows of one reading that lie outside of their windows; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = self._far = self._kept = 0
        self._early = self._late = timedelta(0)
        self._windows: dict[Hashable, Window] = {}

    def check(self, rows: Sequence[Row], window: Window, asked: Window) -> None:
        """Take note of a page of rows.

        Args:
            rows: The page.
            window: The window that is read.
            asked: The window, with what the request reaches beyond it.

        Raises:
            BadAnswer: The server does not go by the dates that are asked for.
        """
        start, end = asked.as_text
        outside = [row for row in rows if row.time and not start <= row.time < end]
        if not outside and not self._windows:
            self._seen += len(rows)  # a count that is off by a page decides nothing
            return
        with self._lock:
            self._seen += len(rows)
            strays = self._measured(outside, window)
            self._compare(rows, window)
            for row in strays[: _REMEMBERED - len(self._windows)]:
                self._windows.setdefault(row.key, window)

    def warning(self) -> str:
        """Say how many rows were outside, by how much, and the likely reason; or nothing."""
        if not self._kept:
            return ""
        most = max(self._early, self._late)
        reason = (
            "the server may print local time without an offset"
            if most <= _LONGEST_OFFSET
            else "their times may be wrong, or in another unit"
        )
        return (
            f"{self._kept} of {self._seen} records print a time outside of the window that they "
            f"were sent for, by up to {_words(most)}: they are kept as sent; {reason}"
        )

    def _measured(self, outside: Iterable[Row], window: Window) -> list[Row]:
        """Return those that are outside by more than times are precise."""
        strays = []
        for row in outside:
            time = parse_time(row.time)
            early, late = window.start - time, time - window.end
            if (distance := max(early, late)) > _PRECISION:
                strays.append(row)
                self._far += distance > _LONGEST_OFFSET
                self._early, self._late = max(self._early, early), max(self._late, late)
        self._kept += len(strays)
        if self._far >= _EVIDENCE and 2 * self._far > self._seen:
            start, end = map(format_time, (window.start, window.end))
            msg = (
                f"the server ignores the time filter: asked for {start} to {end}, most of "
                f"{self._seen} records are outside ({self._far} by more than "
                f"{_words(_LONGEST_OFFSET)}); check `base_url`, and ask the provider"
            )
            raise BadAnswer(msg)
        return strays

    def _compare(self, rows: Sequence[Row], window: Window) -> None:
        again = 0
        for row in rows:
            before = self._windows.get(row.key)
            again += before is not None and not _overlap(before, window)
        if again >= _EVIDENCE and 2 * again > len(rows):
            start, end = map(format_time, (window.start, window.end))
            msg = (
                f"the server ignores the time filter: {again} of the {len(rows)} records of a page "
                f"for {start} to {end} were sent for another time before; check `base_url`, and "
                "ask the provider"
            )
            raise BadAnswer(msg)


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end


def _words(length: timedelta) -> str:
    """Write a length of time in the unit that suits it."""
    seconds = length.total_seconds()
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.1f} s"
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - three days
