"""How long the next window is, and how many are read at once: by what the last ones held."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

# What may be under way is shared by so many windows: more of them gain little, and shorter ones
# have more pages that are not full.
_SHARES = 5


class WindowLength:
    """The length of the windows of one reading; safe to share between threads.

    Args:
        longest: How long a window is at the most.
        shortest: How short windows become for what they hold.
        under_way: How many records all windows that are read at once may hold, about.
        known: Whether a window that holds much is found out before it is read.
    """

    def __init__(
        self, longest: timedelta, shortest: timedelta, *, under_way: int, known: bool
    ) -> None:
        self._longest, self._now = longest, longest
        self._shortest = min(shortest, longest)
        self._under_way = under_way
        # Where nothing is known the first window is read alone, for it may hold all there may be.
        self._expected = 0 if known else under_way
        self._lock = Lock()

    def __call__(self) -> timedelta:
        """Return how long the next window is at the most."""
        with self._lock:
            return self._now

    def at_once(self, most: int) -> int:
        """Return how many windows to read at once."""
        with self._lock:
            return max(1, min(most, self._under_way // max(self._expected, 1)))

    def shorten(self, length: timedelta) -> None:
        """Take note that windows of this length are what a longer one is divided into."""
        with self._lock:
            self._now = min(self._now, length)

    def held(self, length: timedelta, rows: int, few: int) -> None:
        """Take note of what a window held.

        Args:
            length: How long it was.
            rows: How many rows it held.
            few: So few that the next may be longer.
        """
        share = self._under_way // _SHARES
        with self._lock:
            self._expected = min(rows, share)
            if rows > share:
                self._now = max(self._shortest, min(self._now, length * share / rows))
            elif rows < min(few, share // 2):
                self._now = min(self._longest, max(self._now, length * 2))
