"""How many requests are worth having under way: many while the network is waited for, else few."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_INTERVAL = 0.25  # seconds
# Shares of a processor that the process uses. Python's threads have one between them: when it is
# what all wait for, they only hinder each other, and one at a time is up to a quarter faster.
_BUSY = 0.9
_IDLE = 0.7


class Concurrency:
    """How many requests may be under way at once; safe to share between threads.

    As many as the user allows, until the processor was busy for two intervals on end; then half as
    many after each that is, down to one, and twice as many after each in which it was idle.

    Args:
        most: How many the user allows.
        clock: Tells the time, in seconds.
        processor: Tells the seconds of processor that the process has used.
    """

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        processor: Callable[[], float] = time.process_time,
    ) -> None:
        self._most = self._now = most
        self._clock, self._processor = clock, processor
        self._lock = Lock()
        self._was_busy = False
        self._begin(clock())

    def __call__(self) -> int:
        """Return how many are worth it now."""
        with self._lock:
            now = self._clock()
            if now - self._since >= _INTERVAL:
                self._adapt((self._processor() - self._used) / (now - self._since))
                self._begin(now)
            return self._now

    def _begin(self, now: float) -> None:
        self._since, self._used = now, self._processor()

    def _adapt(self, share: float) -> None:
        busy = share > _BUSY
        if busy and self._was_busy:
            self._now = max(self._now // 2, 1)
        elif share < _IDLE:
            self._now = min(self._now * 2, self._most)
        self._was_busy = busy
