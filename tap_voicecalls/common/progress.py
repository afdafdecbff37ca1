"""How far a run is. The threads that read report to it, and the progress display asks it.

They report pages, completed windows and recordings, not single records: that would cost time.
"""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_voicecalls.common.windows import Window


class Reading:
    """How far one account is read by one stream; safe to share between threads.

    Args:
        name: The account and stream, for the user.
        noun: What the stream's records are, in the plural.
        clock: Returns the time, in seconds.

    Attributes:
        pages: How many pages of records came.
    """

    def __init__(
        self,
        name: str = "",
        noun: str = "records",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._noun = noun
        self._clock = clock
        self._lock = Lock()
        self._began = self._waits_since = clock()
        self._span: Window | None = None
        self._complete_to: datetime | None = None
        self.pages = self._written = self._received = self._recordings = self._stored = 0
        self._awaited = Counter[str]()

    # What the threads that read report --------------------------------------------------------

    def covers(self, span: Window) -> None:
        """Note the time that is read; the first of several spans begins the earliest."""
        with self._lock:
            self._span = self._span or span

    def received(self, count: int) -> None:
        """Note the records of a page, which are written once their window is complete."""
        with self._lock:
            self.pages += 1
            self._received += count

    def written(self, count: int, complete_to: datetime) -> None:
        """Note records that were written, and up to when nothing is missing."""
        with self._lock:
            self._written += count
            self._complete_to = max(self._complete_to or complete_to, complete_to)

    def awaits(self, count: int, what: str) -> None:
        """Note that more is waited for; or less, if the count is negative.

        Args:
            count: How much more.
            what: What it is, in the singular.
        """
        with self._lock:
            if not self._awaited.total():
                self._waits_since = self._clock()
            self._awaited[what] += count

    def stores(self, count: int) -> None:
        """Note recordings that are to be stored."""
        with self._lock:
            self._recordings += count

    def stored(self) -> None:
        """Note a recording that was stored, or that cannot be."""
        with self._lock:
            self._stored += 1

    # What the display asks --------------------------------------------------------------------

    @property
    def share(self) -> float:
        """The share of the time that is read, from 0 to 1."""
        span, reached = self._span, self._complete_to
        if span is None or reached is None or span.end <= span.start:
            return 0.0
        return min(max((reached - span.start) / (span.end - span.start), 0.0), 1.0)

    @property
    def facts(self) -> tuple[object, ...]:
        """What changes when the read advances."""
        waits = tuple(self._awaited.items())
        return self._complete_to, self._written, self._received, self._stored, waits

    def describe(self) -> str:
        """Return how far the read is, in one line without its name."""
        with self._lock:
            now = self._clock()
            parts = [self._reached(), *self._counts(now - self._began)]
            if self._recordings:
                parts.append(f"recordings: {self._stored:,} of {self._recordings:,}")
            for what, count in self._awaited.items():
                if count > 0:
                    things = what if count == 1 else f"{what}s"
                    waited = duration_text(now - self._waits_since)
                    parts.append(f"waiting for {count} {things} for {waited}")
            return ", ".join(parts)

    def _reached(self) -> str:
        if not self.share or self._complete_to is None:
            return "no time complete yet"
        share = min(int(self.share * 100), 99)  # there is more to do until the read ends
        return f"complete to {self._complete_to:%Y-%m-%d %H:%M} ({share} %)"

    def _counts(self, seconds: float) -> list[str]:
        count = self._written or self._received
        counts = [f"{count:,} {self._noun}{'' if self._written or not count else ' received'}"]
        if seconds > 0 and self._received:
            rate = self._received / seconds
            counts.append(f"{rate:,.0f} a second" if rate >= 10 else f"{rate:.1f} a second")  # noqa: PLR2004 - two digits
        if 0 < self.share < 1:
            counts.append(f"about {duration_text(seconds * (1 - self.share) / self.share)} left")
        return counts


class Progress:
    """The read that is under way; accounts and streams are read one after the other."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.current: Reading | None = None

    def reading(self, name: str, noun: str) -> Reading:
        """Return a read that is to be reported."""
        return Reading(name, noun, self._clock)

    def begin(self, reading: Reading) -> None:
        """Report a read from now on."""
        self.current = reading

    def end(self) -> None:
        """End the read."""
        self.current = None
