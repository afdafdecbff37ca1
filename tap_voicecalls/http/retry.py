"""When to try again, and how long to wait first. Pure but for the dice."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from itertools import islice
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, ClassVar

import backoff

from tap_voicecalls.common.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

# The first bytes may take one `read_timeout`, and a page of the largest size two more.
_READ_TIMEOUTS_A_TRY = 3
# A reset this large is a point in time, not seconds left; and this large, one in milliseconds.
_FIRST_UNIX_TIME = 1_000_000_000
_FIRST_UNIX_MILLIS = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one request may be kept trying.

    Attributes:
        tries: How often a request is sent at the most.
        seconds: How long all its tries, and the waits between them, may take together.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes of an answer.
        first_wait: Seconds to wait after the first failure, at the most.
        longest_wait: Seconds to wait after any failure, at the most.
    """

    first_wait: ClassVar[float] = 1.0
    longest_wait: ClassVar[float] = 60.0

    tries: int
    seconds: float
    connect_timeout: float
    read_timeout: float

    @property
    def try_seconds(self) -> float:
        """How long one try may take: a server that sends byte by byte must not take them all."""
        return _READ_TIMEOUTS_A_TRY * self.read_timeout

    def waits(self) -> Iterator[float]:
        """Yield the seconds to wait after each failure, without end.

        They double up to the longest. Each is drawn from its upper half, so that threads do not
        try again at the same moment.
        """
        schedule = backoff.expo(factor=self.first_wait, max_value=self.longest_wait)
        for longest in islice(schedule, 1, None):
            yield random.uniform(longest / 2, longest)  # noqa: S311 - no secret


def retry_after(headers: Mapping[str, str], now: datetime, *, refused: bool) -> float:
    """Read how many seconds a client should wait; 0 when the server does not say.

    ``Retry-After`` holds seconds or an HTTP date. ``X-RateLimit-Reset`` counts when nothing is left
    of the limit; it holds a Unix time or the seconds left.

    Args:
        headers: Those of the answer, whatever their case.
        now: The current time, UTC.
        refused: Whether the answer is an error, which says that nothing is left.
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
    """No wait is negative, nor longer than a thread can wait."""
    return min(max(0.0, seconds), TIMEOUT_MAX)


def _seconds_or_date(text: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # A proxy may have asked for a pause as well: each header of the name is an item of a list.
        return max(_number(each.strip()) for each in text.split(","))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - now).total_seconds()


def _number(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0
