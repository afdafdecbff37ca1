"""How long the next window is and how many are read concurrently, by what the last ones held."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

# The rows in flight are shared by this many windows: more gain little, and shorter windows have
# more pages that are not full.
_SHARES = 5


class WindowLength:
    """The length of the windows of one read; safe to share between threads.

    Args:
        longest: The longest window.
        shortest: The shortest window that is made because of the number of records.
        in_flight: About how many records all windows that are read concurrently may hold.
        is_total_reported: Whether the server says how many records a window holds before it is
            read.
    """

    def __init__(
        self, longest: timedelta, shortest: timedelta, *, in_flight: int, is_total_reported: bool
    ) -> None:
        self._longest, self._next = longest, longest
        self._shortest = min(shortest, longest)
        self._in_flight = in_flight
        # Without a reported total the first window is read alone, because it may hold any number.
        self._expected = 0 if is_total_reported else in_flight
        self._lock = Lock()

    def __call__(self) -> timedelta:
        """Return the greatest length of the next window."""
        with self._lock:
            return self._next

    def at_once(self, most: int) -> int:
        """Return how many windows to read concurrently."""
        with self._lock:
            return max(1, min(most, self._in_flight // max(self._expected, 1)))

    def shorten(self, length: timedelta) -> None:
        """Make no longer windows than those that a window was divided into."""
        with self._lock:
            self._next = min(self._next, length)

    def held(self, length: timedelta, rows: int, few: int) -> None:
        """Adapt to the number of records that a window held.

        Args:
            length: The length of the window.
            rows: How many rows it held.
            few: With fewer rows than this, the next window may be longer.
        """
        share = self._in_flight // _SHARES
        with self._lock:
            self._expected = min(rows, share)
            if rows > share:
                self._next = max(self._shortest, min(self._next, length * share / rows))
            elif rows < min(few, share // 2):
                self._next = min(self._longest, max(self._next, length * 2))
