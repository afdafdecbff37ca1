"""Calls whose details were read in their final form. What the state remembers of them.

Pure: no requests, no log.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from tap_voicecalls.streams.bookmarks import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.rows.row import Row

KNOWN = "details_known"
"""The name in the state, beside the bookmark."""

_BYTES = 6  # of a digest; one of 50,000 others is alike with a probability of 2e-10
_MOST = 50_000  # calls, in the state with 8 characters each; older ones are requested again
_DAY = len("2026-01-05")


class KnownDetails:
    """The calls whose details need not be requested again, unless their record in the list changes.

    The state holds a digest of each record, grouped by the day of its start.

    Args:
        state: The state of the account.

    Raises:
        StateError: The state was not written by this tap.
    """

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._days = _decoded(state.get(KNOWN, {}))
        self._kept: dict[str, set[bytes]] = {}

    def __contains__(self, listed: Row) -> bool:
        """Return whether the details of a listed call are known; those stay known."""
        digest = _digest(listed)
        if digest not in self._days.get(_day(listed), ()):
            return False
        self.add(listed)
        return True

    def add(self, listed: Row) -> None:
        """Remember a call."""
        self._kept.setdefault(_day(listed), set()).add(_digest(listed))

    def for_state(self, state: Mapping[str, Any], since: str) -> dict[str, Any]:
        """Return what later runs need, to be put into the state of the account.

        Args:
            state: The state of the account.
            since: Calls that started before this time are not listed again.
        """
        days = {day: self._days.get(day, set()) | own for day, own in self._kept.items()}
        days = {day: known for day, known in (self._days | days).items() if day >= since[:_DAY]}
        # Of calls without a start, those that this run listed: no time says how old they are.
        days |= {"": self._kept[""]} if "" in self._kept else {}
        while sum(map(len, days.values())) > _MOST:
            del days[min(days)]
        if not days and KNOWN not in state:
            return {}
        return {KNOWN: {day: _encoded(days[day]) for day in sorted(days)}}


def _day(listed: Row) -> str:
    return listed.time[:_DAY]


def _digest(listed: Row) -> bytes:
    return blake2b(listed.body, digest_size=_BYTES).digest()


def _encoded(digests: set[bytes]) -> str:
    return b64encode(b"".join(sorted(digests))).decode()


def _decoded(days: object) -> dict[str, set[bytes]]:
    msg = f"`{KNOWN}` in the state must be an object of days and digests; remove it from the state"
    if not isinstance(days, dict):
        raise StateError(msg)
    try:
        return {day: _split(b64decode(text, validate=True)) for day, text in days.items()}
    except (TypeError, ValueError) as error:
        raise StateError(msg) from error


def _split(digests: bytes) -> set[bytes]:
    return {digests[at : at + _BYTES] for at in range(0, len(digests), _BYTES)}
