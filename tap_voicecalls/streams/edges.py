"""Where two windows meet: a row that came for both of them is written once.

A request may reach a little beyond its window, because the API takes in both ends or because nobody
says whether it does. What lies there is the neighbour's, who asks for it as well; but a server that
rounds what it prints may have meant a row for this window alone. So it is kept, and left out of the
next window if it comes again. Only at the ends of all that is read there is no neighbour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.common.times import format_time

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import timedelta

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.rows.row import Row


class Edges:
    """The edges of adjoining windows, whose rows come in order.

    Args:
        span: All that is read.
        before: How far a request reaches beyond the start of its window.
        after: How far it reaches beyond the end.
    """

    def __init__(self, span: Window, before: timedelta, after: timedelta) -> None:
        self._span = span
        self._before, self._after = before, after
        self._known: dict[Hashable, bytes] = {}
        self._next: dict[Hashable, bytes] = {}

    def filter_to_window(self, rows: list[Row], window: Window) -> list[Row]:
        """Return those rows of a window that were not written already and are not out of bounds.

        Args:
            rows: Rows of the window, in order; it may be called several times for one window.
            window: The window.
        """
        if not (self._before or self._after):
            return rows
        if self._known:
            rows = [row for row in rows if self._known.get(row.key) != row.body]
        rows = self._within(rows, window)
        border = format_time(window.end - self._before)
        for row in reversed(rows):
            if row.time < border:
                break
            self._next[row.key] = row.body
        return rows

    def close(self) -> None:
        """Take note that a window is through."""
        self._known, self._next = self._next, {}

    def _within(self, rows: list[Row], window: Window) -> list[Row]:
        """Leave out what the request reached beyond the ends of all that is read."""
        if window.start == self._span.start and self._before:
            first = format_time(window.start - self._before)
            start, _ = window.as_text
            rows = [row for row in rows if not first <= row.time < start]
        if window.end == self._span.end and self._after:
            last = format_time(window.end + self._after)
            _, end = window.as_text
            rows = [row for row in rows if not end <= row.time <= last]
        return rows
