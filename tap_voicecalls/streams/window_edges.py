"""The edges of adjoining windows: a row that came for two windows is written once.

A request may reach a little beyond its window, because the API's filter includes both ends or
because its documentation does not say. A row from there belongs to the neighbouring window, which
requests it as well; but a server that rounds the times it prints may have sent it for this window
alone. So the row is kept, and dropped from the next window if it comes again. There is no
neighbour at the two ends of the span that is read, so rows beyond those are dropped.

A row without a time belongs to no window, and a server may send it for each of them. So may one
that ignores the filter with a row of another time: as long as such rows are too few to be an error,
each is written once.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import format_time

if TYPE_CHECKING:
    from datetime import timedelta

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row

# Rows that are compared with those of later windows. An account with more of them has enough rows
# to tell that a server ignores the filter.
_REMEMBERED = 5_000


class WindowEdges:
    """The edges of adjoining windows, which come in order.

    Args:
        span: The time that all windows cover.
        before: How far a request reaches beyond the start of its window.
        after: How far it reaches beyond the end.
    """

    def __init__(self, span: Window, before: timedelta, after: timedelta) -> None:
        self._span = span
        self._before, self._after = before, after
        self._known: dict[Hashable, bytes] = {}
        self._next: dict[Hashable, bytes] = {}
        self._without_time = set[Hashable]()
        self._written: dict[Hashable, int] = {}
        self._has_strays = False

    def filter_to_window(self, rows: list[Row], window: Window) -> list[Row]:
        """Return the rows that are within the span and were not written for a window before.

        Args:
            rows: Rows of the window, in order; several calls may share one window.
            window: The window.
        """
        rows = self._each_once(rows, window)
        if not (self._before or self._after):
            return rows
        if self._known:
            rows = [row for row in rows if self._known.get(row.key) != row.body]
        rows = self._within_span(rows, window)
        border = format_time(window.end - self._before)
        for row in reversed(rows):
            if row.time < border:
                break
            self._next[row.key] = row.body
        return rows

    def close_window(self) -> None:
        """End a window: its last rows are compared with those of the next one."""
        self._known, self._next = self._next, {}

    def _each_once(self, rows: list[Row], window: Window) -> list[Row]:
        """Leave out what was written for any window before, once a row lies outside of its own."""
        start, end = window.as_text
        if rows and (rows[0].time < start or rows[-1].time >= end):
            self._has_strays = True
        if self._has_strays:
            rows = [row for row in rows if self._is_new(row)]
        for row in rows[: _REMEMBERED - len(self._written)]:
            self._written[row.key] = hash(row.body)
        return rows

    def _is_new(self, row: Row) -> bool:
        """Return whether a row was not written yet, as far as that is remembered."""
        if row.time:
            return self._written.get(row.key) != hash(row.body)
        is_known = row.key in self._without_time
        self._without_time.add(row.key)
        return not is_known

    def _within_span(self, rows: list[Row], window: Window) -> list[Row]:
        if window.start == self._span.start and self._before:
            first = format_time(window.start - self._before)
            start, _ = window.as_text
            rows = [row for row in rows if not first <= row.time < start]
        if window.end == self._span.end and self._after:
            last = format_time(window.end + self._after)
            _, end = window.as_text
            rows = [row for row in rows if not end <= row.time <= last]
        return rows
