"""When an account may send its next request: its rate limit, and pauses the server asks for."""

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
    """A rate limit that spaces requests evenly; bursts could exceed the limit at the server.

    It has no lock of its own; :class:`RateGate` only uses it while it holds its own lock.

    Args:
        per_second: Requests per second; None for no limit.

    Attributes:
        next_at: When the next request may be sent, by the monotonic clock.
    """

    def __init__(self, per_second: float | None) -> None:
        self._interval = min(1 / per_second, TIMEOUT_MAX) if per_second else 0.0
        self.next_at = 0.0

    def take(self, now: float) -> None:
        """Count a request that is sent now."""
        self.next_at = max(self.next_at, now + self._interval)


class RateGate:
    """Keeps all threads of one account to its rate limit and the pauses of its server.

    Args:
        requests_per_second: The limit over all threads; None for no limit.
    """

    def __init__(self, requests_per_second: float | None) -> None:
        self._rate = Rate(requests_per_second)
        self._lock = Lock()
        self._paused_until = 0.0
        self._pause_status = ""
        self._logged_until = 0.0

    def await_turn(
        self, cancelled: Event, where: str, *, longest_wait: float, also: Rate | None = None
    ) -> None:
        """Block until the next request may be sent.

        Args:
            cancelled: Ends the wait when set.
            where: The account and stream, for the error message.
            longest_wait: The longest pause in seconds that a server may ask for.
            also: A second rate limit to keep, besides the account's own.

        Raises:
            ApiError: The server asked for a longer pause.
            ReadCancelled: The read was cancelled.
        """
        while not cancelled.is_set():
            with self._lock:
                now = time.monotonic()
                pause = self._paused_until - now
                if pause > max(longest_wait, 0):
                    msg = (
                        f"{where}: {self._pause_status}: the server asked for a pause, {pause:.0f} "
                        "s of it are left, more than `max_retry_seconds` allows"
                    )
                    raise ApiError(msg)
                rates = (self._rate, also) if also else (self._rate,)
                wait = max(pause, *(rate.next_at - now for rate in rates))
                if wait <= 0:
                    for rate in rates:
                        rate.take(now)
                    return
            # Check again after the wait: another thread may have been faster, or told to pause.
            sleep(min(wait, TIMEOUT_MAX), cancelled)
        raise ReadCancelled

    def confirm_turn(self, also: Rate | None = None) -> None:
        """Check again right before a request is sent, since connecting takes time.

        The next request is spaced from this moment, not from the turn.

        Raises:
            Paused: The server has asked for a pause since; wait for another turn.
        """
        with self._lock:
            now = time.monotonic()
            if self._paused_until > now:
                raise Paused
            for rate in (self._rate, also):
                if rate:
                    rate.take(now)

    def pause_all(self, seconds: float, status: str) -> None:
        """Stop all threads from sending for as long as the server asks.

        Args:
            seconds: The length of the pause, from now.
            status: The status of the response that asks, for the error message.
        """
        if seconds <= 0:
            return
        with self._lock:
            until = time.monotonic() + seconds
            if until > self._paused_until:
                self._paused_until, self._pause_status = until, status

    def log_wait(self, line: str, seconds: float) -> None:
        """Log a wait, unless a logged wait is still running: threads often wait together."""
        now = time.monotonic()
        with self._lock:
            if now < self._logged_until:
                return
            self._logged_until = now + seconds
        _logger.warning("%s", line)


def sleep(seconds: float, cancelled: Event) -> None:
    """Wait, unless the read is cancelled.

    Raises:
        ReadCancelled: The read was cancelled.
    """
    if cancelled.wait(seconds):
        raise ReadCancelled
