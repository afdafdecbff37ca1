"""When an account's next request may go out: its rate limit, and waits that the server asks for."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import TYPE_CHECKING

from tap_voicecalls.errors import ApiError, ReadingOver
from tap_voicecalls.rate_limit import rate_limiter

if TYPE_CHECKING:
    from threading import Event

_logger = logging.getLogger("tap-voicecalls")


class Pace:
    """The pace of one account, kept by all its threads.

    Args:
        requests_per_second: The limit over all threads; None for no limit.
        longest_wait: Seconds that a server may ask to wait at the most.
    """

    def __init__(self, requests_per_second: float | None, longest_wait: float) -> None:
        self._take_turn = rate_limiter(requests_per_second)
        self._longest_wait = longest_wait
        self._lock = Lock()
        self._quiet_until = 0.0
        self._quiet_after = ""
        self._logged_until = 0.0

    def await_turn(self, over: Event, where: str) -> None:
        """Block until the next request may go out.

        Raises:
            ApiError: The server asks to wait for longer than allowed.
            ReadingOver: Nobody waits for the answer any more.
        """
        while (wait := self._quiet_until - time.monotonic()) > 0:
            if wait > self._longest_wait:
                answer = f"{self._quiet_after} asks to wait {wait:.0f} s"
                msg = f"{where}: {answer}, see `max_retry_seconds`"
                raise ApiError(msg)
            sleep(wait, over)
        self._take_turn()

    def be_quiet(self, seconds: float, answer: str) -> None:
        """Let no thread send anything for as long as the server asks.

        Args:
            seconds: How long that is, from now.
            answer: The status of the answer that asks, for the words of an error.
        """
        until = time.monotonic() + seconds
        with self._lock:
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


def sleep(seconds: float, over: Event) -> None:
    """Wait, but not once the reading is over.

    Raises:
        ReadingOver: It is.
    """
    if over.wait(seconds):
        raise ReadingOver
