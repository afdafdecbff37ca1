"""How long to wait before a retry. Pure, except for the random jitter."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from itertools import islice
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any, ClassVar

import backoff

from tap_voicecalls.common.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

# The first bytes may take one `read_timeout`, and the largest page two more.
_READ_TIMEOUTS_A_TRY = 3
# From the first number on, a reset is a Unix time instead of seconds left; from the second, it is
# in milliseconds.
_FIRST_UNIX_TIME = 1_000_000_000
_FIRST_UNIX_MILLIS = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long a request is tried.

    Attributes:
        tries: The maximum number of tries.
        seconds: The time limit for all tries and the waits between them.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes of a response.
        first_wait: Seconds to wait after the first failure, at the most.
        longest_wait: Seconds to wait after any failure, at the most.
    """

    first_wait: ClassVar[float] = 1.0
    longest_wait: ClassVar[float] = 60.0

    tries: int
    seconds: float
    connect_timeout: float
    read_timeout: float

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> RetryPolicy:
        """Return the policy that the settings of the tap ask for."""
        return cls(
            tries=settings["max_tries"],
            seconds=settings["max_retry_seconds"],
            connect_timeout=settings["connect_timeout"],
            read_timeout=settings["read_timeout"],
        )

    def at_most(self, tries: int, seconds: float) -> RetryPolicy:
        """Return a policy that gives up sooner, if this one allows more."""
        return replace(self, tries=min(tries, self.tries), seconds=min(seconds, self.seconds))

    @property
    def try_seconds(self) -> float:
        """The time limit for one try, so that a slow server does not use up the time of all."""
        return _READ_TIMEOUTS_A_TRY * self.read_timeout

    def waits(self) -> Iterator[float]:
        """Yield the seconds to wait after each failure, without end.

        They double up to the longest. Jitter takes off up to half, so that threads that fail
        together do not all retry at the same moment.
        """
        schedule = backoff.expo(factor=self.first_wait, max_value=self.longest_wait)
        for longest in islice(schedule, 1, None):
            yield random.uniform(longest / 2, longest)  # noqa: S311 - no secret


def retry_after(headers: Mapping[str, str], now: datetime, *, refused: bool) -> float:
    """Return how many seconds the server asks to wait; 0 if it does not ask.

    ``Retry-After`` holds seconds or an HTTP date. ``X-RateLimit-Reset`` holds a Unix time or the
    seconds left; it only matters when no requests remain. Times are compared with the server's own
    clock, if it tells it: that of this machine may be wrong.

    Args:
        headers: The response headers; lookup ignores case.
        now: The current time, UTC, for a server without ``Date``.
        refused: Whether the response is an error. Without ``X-RateLimit-Remaining``, an error means
            that no requests remain.
    """
    asked = headers.get("Retry-After")
    remaining = headers.get("X-RateLimit-Remaining", "0" if refused else "some")
    if asked is None and remaining != "0":
        return 0.0  # most responses: their dates need not be parsed
    now = _http_date(headers.get("Date", "")) or now
    if asked is not None:
        return _bounded(_seconds_or_date(asked, now))
    reset = _number(headers.get("X-RateLimit-Reset", "0"))
    if reset >= _FIRST_UNIX_MILLIS:
        reset /= 1000
    if reset >= _FIRST_UNIX_TIME:
        reset -= (now - EPOCH).total_seconds()
    return _bounded(reset)


def _http_date(text: str) -> datetime | None:
    """Parse an HTTP date; None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bounded(seconds: float) -> float:
    """Clamp to what a thread can wait."""
    return min(max(0.0, seconds), TIMEOUT_MAX)


def _seconds_or_date(text: str, now: datetime) -> float:
    if moment := _http_date(text):
        return (moment - now).total_seconds()
    # API and proxy may both send the header; they arrive joined by commas.
    return max(_number(each.strip()) for each in text.split(","))


def _number(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0
