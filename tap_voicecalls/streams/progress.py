"""How far a stream is complete. Pure: the bookmark of one account in one run."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_RUNNING = timedelta(days=7)


class Bookmark:
    """The bookmark: the time up to which nothing is missing and all calls are final.

    It never passes the oldest call that is still running, so that the next run reads that call
    again; but a call that has been running for a week is taken as final.

    Args:
        bookmark: Where the run before ended, if there was one; not later than now.
        now: When this run began.

    Attributes:
        reached: Up to when all is read; None if nothing was.
        given_up: How many calls ran for too long to wait for them.
    """

    def __init__(self, bookmark: datetime | None, now: datetime) -> None:
        self.reached = bookmark
        self._oldest_worth_waiting = now - LONGEST_RUNNING
        self._held: datetime | None = None
        self.given_up = 0

    @property
    def bookmark(self) -> datetime | None:
        """Where the next run goes on; None if nothing was read."""
        if self.reached is None or self._held is None:
            return self.reached
        return min(self.reached, self._held)

    def cap(self, moment: datetime) -> None:
        """Take note of a call that may still change: do not pass this time."""
        if moment < self._oldest_worth_waiting:
            self.given_up += 1
        elif self._held is None or moment < self._held:
            self._held = moment

    def complete_to(self, moment: datetime) -> None:
        """Take note that all is read up to a moment.

        Reading the lookback again does not move it back; a call found running does.
        """
        self.reached = moment if self.reached is None else max(self.reached, moment)

    def fall_back(self, moment: datetime) -> None:
        """Take note that what comes after a moment is to be read again."""
        if self.reached is not None:
            self.reached = min(self.reached, moment)
