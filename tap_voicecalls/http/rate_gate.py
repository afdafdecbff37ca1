"""When an account's next request may go out: its rate limit, and waits that the server asks for."""

from __future__ import annotations

import logging
import time
from threading import TIMEOUT_MAX, Lock
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError, ReadCancelled
from tap_voicecalls.http.transport.exchange import Paused

if TYPE_CHECKING:
    from threading import Event

_logger = logging.getLogger("tap-voicecalls")


class Rate:
    """How many requests may go out in a second, evenly: a burst that is late would meet the next.

    It has no lock: the pace that it is given to looks after that.

    Args:
        per_second: How many; None for no limit.

    Attributes:
        next_at: When the next one may, by the monotonic clock.
    """

    def __init__(self, per_second: float | None) -> None:
        self._interval = min(1 / per_second, TIMEOUT_MAX) if per_second else 0.0
        self.next_at = 0.0

    def take(self, now: float) -> None:
        """Count one that goes out."""
        self.next_at = max(self.next_at, now + self._interval)


class RateGate:
    """The pace of one account, kept by all its threads: one lock for its rate and its pauses.

    Args:
        requests_per_second: The limit over all threads; None for no limit.
    """

    def __init__(self, requests_per_second: float | None) -> None:
        self._rate = Rate(requests_per_second)
        self._lock = Lock()
        self._quiet_until = 0.0
        self._quiet_after = ""
        self._logged_until = 0.0

    def await_turn(
        self, cancelled: Event, where: str, *, longest_wait: float, also: Rate | None = None
    ) -> None:
        """Block until the next request may go out.

        Args:
            cancelled: Ends the waiting when set.
            where: Who asks, for the words of an error.
            longest_wait: Seconds that a server may ask to wait at the most.
            also: A rate to keep beside that of the account.

        Raises:
            ApiError: The server asks to wait for longer than allowed.
            ReadCancelled: Nobody waits for the answer any more.
        """
        while not cancelled.is_set():
            with self._lock:
                now = time.monotonic()
                pause = self._quiet_until - now
                if pause > max(longest_wait, 0):
                    msg = (
                        f"{where}: {self._quiet_after}: the server asked for a pause, {pause:.0f} "
                        "s of it are left, more than `max_retry_seconds` allows"
                    )
                    raise ApiError(msg)
                rates = (self._rate, also) if also else (self._rate,)
                wait = max(pause, *(rate.next_at - now for rate in rates))
                if wait <= 0:
                    for rate in rates:
                        rate.take(now)
                    return
            # Looked at again after the wait: another thread may have been told to pause, or first.
            sleep(min(wait, TIMEOUT_MAX), cancelled)
        raise ReadCancelled

    def depart(self, also: Rate | None = None) -> None:
        """Let a request that has had its turn go out, at the last moment.

        To connect takes time. A request that is late for its turn puts off the next one.

        Raises:
            Paused: The server has asked for a pause since: it must have another turn.
        """
        with self._lock:
            now = time.monotonic()
            if self._quiet_until > now:
                raise Paused
            for rate in (self._rate, also):
                if rate:
                    rate.take(now)

    def pause_all(self, seconds: float, answer: str) -> None:
        """Let no thread send anything for as long as the server asks.

        Args:
            seconds: How long that is, from now.
            answer: The status of the answer that asks, for the words of an error.
        """
        if seconds <= 0:
            return
        with self._lock:
            until = time.monotonic() + seconds
            if until > self._quiet_until:
                self._quiet_until, self._quiet_after = until, answer

    def log_wait(self, line: str, seconds: float) -> None:
        """Log a wait, unless one is logged that is still going on: threads mostly wait together."""
        now = time.monotonic()
        with self._lock:
            if now < self._logged_until:
                return
            self._logged_until = now + seconds
        _logger.warning("%s", line)


def sleep(seconds: float, cancelled: Event) -> None:
    """Wait, but not once the reading is over.

    Raises:
        ReadCancelled: It is.
    """
    if cancelled.wait(seconds):
        raise ReadCancelled
