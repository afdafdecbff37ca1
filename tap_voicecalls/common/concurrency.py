"""An adaptive limit of concurrent requests: high while the network is slow, low on a busy CPU."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_INTERVAL = 0.1  # seconds
# Shares of one processor. Python's threads share one: when all of them wait for it, they slow each
# other down, and one thread alone is up to a quarter faster.
_BUSY = 0.9
_IDLE = 0.7


class Concurrency:
    """The adaptive limit of concurrent requests; thread-safe.

    It starts at the most that the user allows. Each further consecutive interval with a busy
    processor halves it, down to one; each interval with an idle processor doubles it.

    Args:
        most: The limit that the user sets.
        clock: Returns the time, in seconds.
        processor: Returns the processor time that the process has used, in seconds.
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
        """Return the limit as it is now."""
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
