"""How far a stream is complete. Pure: the bookmark of one account in one run."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_RUNNING = timedelta(days=7)


class Progress:
    """The bookmark: the time up to which nothing is missing and all calls are final.

    It never passes the oldest call that is still running, so that the next run reads that call
    again; but a call that has been running for a week is taken as final.

    Args:
        bookmark: Where the run before ended, if there was one.
        now: When this run began.
    """

    def __init__(self, bookmark: datetime | None, now: datetime) -> None:
        self._reached = bookmark
        self._oldest_worth_waiting = now - LONGEST_RUNNING
        self._oldest_running: datetime | None = None
        self.given_up = 0

    def running(self, started: datetime) -> None:
        """Take note of a call that is still running."""
        if started < self._oldest_worth_waiting:
            self.given_up += 1
        elif self._oldest_running is None or started < self._oldest_running:
            self._oldest_running = started

    def complete_to(self, moment: datetime) -> datetime:
        """Take note that all is read up to a moment, and return the bookmark.

        Reading the lookback again does not move it back; a call found running does.
        """
        self._reached = moment if self._reached is None else max(self._reached, moment)
        if self._oldest_running is None:
            return self._reached
        return min(self._reached, self._oldest_running)
