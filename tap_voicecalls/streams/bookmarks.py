"""The bookmarks of one account of one stream, as its partition of the state holds them. Pure.

A stream whose lists are made of parts, such as products, keeps one for each part beside that of the
stream, which is the least of them: so a part that is added later is read from its start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.streams.progress import Bookmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping, Sequence
    from datetime import datetime

VALUE = "replication_key_value"
PARTS = "parts"


class StateError(ValueError):
    """The state is not one that this tap has written."""


class Bookmarks:
    """How far each part of an account's lists is complete.

    Args:
        state: The partition of the state; it is read here, and written by :meth:`write`.
        parts: The parts that are configured; one without a name where a list is not made of parts.
        now: When the run began.

    Attributes:
        warnings: What is odd about the state, and what is done.

    Raises:
        StateError: A bookmark in it is no time.
    """

    def __init__(
        self, state: MutableMapping[str, Any], parts: Sequence[str], now: datetime
    ) -> None:
        self._now = now
        self._has_parts = "" not in parts
        self.warnings: list[str] = []
        found = self._read(state)
        self._progress = {part: Bookmark(found.get(part), now) for part in parts}
        self._others = {part: at for part, at in found.items() if part not in self._progress}
        self._left_behind: dict[str, str] = {}

    def of(self, part: str) -> datetime | None:
        """Return up to when a part is complete; None if nothing of it was read."""
        return self._progress[part].reached

    def cap(self, parts: Iterable[str], moment: datetime) -> None:
        """Take note of a call of one of some parts that may still change."""
        for part in parts:
            self._progress[part].cap(moment)

    def complete_to(self, parts: Iterable[str], moment: datetime) -> None:
        """Take note that all of some parts is read up to a moment."""
        for part in parts:
            self._progress[part].complete_to(moment)

    def leave_behind(self, parts: Iterable[str], moment: datetime) -> None:
        """Take note that calls from a moment on are made anew of some parts alone.

        The other parts, refused or not configured, go on from there at the latest: then their
        records become part of these calls again.
        """
        for part in self._progress.keys() - set(parts):
            self._progress[part].fall_back(moment)
        later = (part for part, at in self._others.items() if at > moment)
        self._left_behind |= dict.fromkeys(later, format_time(moment))

    @property
    def given_up(self) -> int:
        """How many calls ran for too long to wait for them."""
        return max((each.given_up for each in self._progress.values()), default=0)

    def write(self, state: MutableMapping[str, Any], key: str, start: datetime) -> None:
        """Write the bookmarks into a partition of the state.

        Args:
            state: The partition.
            key: The replication key.
            start: What stands for a part of which nothing was read.
        """
        found = {part: progress.bookmark for part, progress in self._progress.items()}
        state["replication_key"] = key
        state[VALUE] = format_time(min(moment or start for moment in found.values()))
        if self._has_parts:
            known = state.get(PARTS)
            read = {part: format_time(moment) for part, moment in found.items() if moment}
            others = (known if isinstance(known, dict) else {}) | self._left_behind
            state[PARTS] = {**others, **read}

    def _read(self, state: Mapping[str, Any]) -> dict[str, datetime]:
        value, parts = state.get(VALUE), state.get(PARTS)
        if not self._has_parts:
            return {"": self._moment(value)} if value else {}
        if value:
            self._moment(value)
        if isinstance(parts, dict):
            return {str(part): self._moment(told) for part, told in parts.items() if told}
        if value:
            self.warnings.append(
                "the state has no `parts`, so it does not say which products or record types were "
                "read: all are read from `start_date` again"
            )
        return {}

    def _moment(self, told: object) -> datetime:
        try:
            moment = parse_time(told)  # type: ignore[arg-type] # a state may hold anything
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
