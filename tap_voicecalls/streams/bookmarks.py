"""The bookmarks of one account of one stream, as its partition of the state holds them. Pure.

A stream whose lists are made of parts, such as products, has a bookmark for each part in addition
to its own, which is the earliest of them: so a part that is added later is read from its start.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping, Sequence

VALUE = "replication_key_value"
PARTS = "parts"
READ_FROM = "read_from"
"""The `start_date` that the partition was first read with."""
LONGEST_RUNNING = timedelta(days=7)


class StateError(ValueError):
    """The state was not written by this tap."""


class Bookmark:
    """The time up to which nothing is missing and all calls are final.

    It never passes the oldest call that is still running, so that the next run reads that call
    again. A call that has been running for a week is treated as final.

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
        self._cap: datetime | None = None
        self.given_up = 0

    @property
    def value(self) -> datetime | None:
        """Where the next run continues; None if nothing was read."""
        if self.reached is None or self._cap is None:
            return self.reached
        return min(self.reached, self._cap)

    def cap(self, moment: datetime) -> None:
        """Do not pass this time, because of a call that may still change."""
        if moment < self._oldest_worth_waiting:
            self.given_up += 1
        elif self._cap is None or moment < self._cap:
            self._cap = moment

    def complete_to(self, moment: datetime) -> None:
        """Record that all is read up to a time.

        Reading the lookback again does not move the bookmark back; a running call does.
        """
        self.reached = moment if self.reached is None else max(self.reached, moment)

    def fall_back(self, moment: datetime) -> None:
        """Record that everything after a time must be read again."""
        if self.reached is not None:
            self.reached = min(self.reached, moment)


class Bookmarks:
    """How far each part of an account's lists is complete.

    Args:
        state: The partition of the state; it is read here, and written by :meth:`write`.
        parts: The configured parts; one without a name if the list is not made of parts.
        now: When the run began.

    Attributes:
        warnings: What is wrong with the state, and what the run does about it.

    Raises:
        StateError: A bookmark in it is not a time.
    """

    def __init__(
        self, state: MutableMapping[str, Any], parts: Sequence[str], now: datetime
    ) -> None:
        self._now = now
        self._has_parts = "" not in parts
        self.warnings: list[str] = []
        stored = self._read(state)
        self._bookmarks = {part: Bookmark(stored.get(part), now) for part in parts}
        self._others = {part: at for part, at in stored.items() if part not in self._bookmarks}
        self._left_behind: dict[str, str] = {}

    def warn_of_gap(self, kept_for: timedelta | None, end: datetime) -> None:
        """Warn if calls since the bookmark may no longer be kept by the provider.

        Args:
            kept_for: How long the provider keeps calls; None for ever.
            end: The end of the run; a bookmark there leaves nothing to be read.
        """
        reached = [each.reached for each in self._bookmarks.values() if each.reached]
        if kept_for and reached and min(reached) < min(self._now - kept_for, end):
            self.warnings.append(
                f"the last run ended at {format_time(min(reached))}; the provider may keep calls "
                f"for {kept_for.days} days only: calls between may be lost for good; run more often"
            )

    def of(self, part: str) -> datetime | None:
        """Return up to when a part is complete; None if nothing of it was read."""
        return self._bookmarks[part].reached

    def cap(self, parts: Iterable[str], moment: datetime) -> None:
        """Do not pass a time, because of a call in one of some parts that may still change."""
        for part in parts:
            self._bookmarks[part].cap(moment)

    def complete_to(self, parts: Iterable[str], moment: datetime) -> None:
        """Record that some parts are read up to a time."""
        for part in parts:
            self._bookmarks[part].complete_to(moment)

    def leave_behind(self, parts: Iterable[str], moment: datetime) -> None:
        """Record that calls from a time on are made of the records of some parts only.

        The other parts, refused or not configured, continue from there at the latest: then their
        records become part of these calls again.
        """
        for part in self._bookmarks.keys() - set(parts):
            self._bookmarks[part].fall_back(moment)
        later = (part for part, at in self._others.items() if at > moment)
        self._left_behind |= dict.fromkeys(later, format_time(moment))

    @property
    def given_up(self) -> int:
        """How many calls ran for too long to wait for them."""
        return max((each.given_up for each in self._bookmarks.values()), default=0)

    def write(self, state: MutableMapping[str, Any], key: str, start: datetime) -> None:
        """Write the bookmarks into a partition of the state.

        Args:
            state: The partition.
            key: The replication key.
            start: The bookmark of a part of which nothing was read.
        """
        values = {part: bookmark.value for part, bookmark in self._bookmarks.items()}
        state["replication_key"] = key
        state.setdefault(READ_FROM, format_time(start))
        state[VALUE] = format_time(min(moment or start for moment in values.values()))
        if self._has_parts:
            known = state.get(PARTS)
            read = {part: format_time(moment) for part, moment in values.items() if moment}
            others = (known if isinstance(known, dict) else {}) | self._left_behind
            state[PARTS] = {**others, **read}

    def _read(self, state: Mapping[str, Any]) -> dict[str, datetime]:
        value, parts = state.get(VALUE), state.get(PARTS)
        if not self._has_parts:
            return {"": self._parsed(value)} if value else {}
        if value:
            self._parsed(value)
        if isinstance(parts, dict):
            return {str(part): self._parsed(text) for part, text in parts.items() if text}
        if value:
            self.warnings.append(
                "the state has no `parts`, so it does not say which products or record types were "
                "read: all are read from `start_date` again"
            )
        return {}

    def _parsed(self, text: object) -> datetime:
        try:
            moment = parse_time(text)  # type: ignore[arg-type] # a state may hold anything
        except (TypeError, ValueError, AttributeError):
            msg = (
                "the bookmark in the state is not a time in ISO 8601; write it as in "
                "2026-01-05T00:00:00Z, or remove this account's partition from the state to read "
                "it from `start_date` again"
            )
            raise StateError(msg) from None
        if moment > self._now:
            line = (
                f"the bookmark in the state, {format_time(moment)}, is later than now: reading "
                "from now, less the lookback"
            )
            if line not in self.warnings:  # the parts of a state mostly agree
                self.warnings.append(line)
            return self._now
        return moment
