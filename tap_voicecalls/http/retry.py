"""How long to wait before a retry. Pure, except for the random jitter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from itertools import islice
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING

import backoff

from tap_voicecalls.common.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_LONGEST_WAIT = 60.0
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
    """

    tries: int
    seconds: float
    connect_timeout: float
    read_timeout: float

    @property
    def try_seconds(self) -> float:
        """The time limit for one try, so that a slow server does not use up the time of all."""
        return _READ_TIMEOUTS_A_TRY * self.read_timeout


def backoff_waits() -> Iterator[float]:
    """Yield the seconds to wait after each failed try, without end.

    They double from 1 s to a minute. Jitter takes off up to half, so that threads that fail
    together do not all retry at the same moment.
    """
    for wait in islice(backoff.expo(max_value=_LONGEST_WAIT), 1, None):  # the first value is None
        yield random.uniform(wait / 2, wait)  # noqa: S311 - no secret


def retry_after(headers: Mapping[str, str], now: datetime, *, refused: bool) -> float:
    """Return how many seconds the server asks to wait; 0 if it does not ask.

    ``Retry-After`` holds seconds or an HTTP date. ``X-RateLimit-Reset`` holds a Unix time or the
    seconds left; it only matters when no requests remain.

    Args:
        headers: The response headers; lookup ignores case.
        now: The current time, UTC.
        refused: Whether the response is an error. Without ``X-RateLimit-Remaining``, an error means
            that no requests remain.
    """
    if (retry_after := headers.get("Retry-After")) is not None:
        return _bounded(_seconds_or_date(retry_after, now))
    if headers.get("X-RateLimit-Remaining", "0" if refused else "some") != "0":
        return 0.0
    reset = _number(headers.get("X-RateLimit-Reset", "0"))
    if reset >= _FIRST_UNIX_MILLIS:
        reset /= 1000
    if reset >= _FIRST_UNIX_TIME:
        reset -= (now - EPOCH).total_seconds()
    return _bounded(reset)


def _bounded(seconds: float) -> float:
    """Clamp to what a thread can wait."""
    return min(max(0.0, seconds), TIMEOUT_MAX)


def _seconds_or_date(text: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # API and proxy may both send the header; they arrive joined by commas.
        return max(_number(each.strip()) for each in text.split(","))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - now).total_seconds()


def _number(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0
