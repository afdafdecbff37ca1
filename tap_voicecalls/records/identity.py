"""An identity for records that come without one, made only of what cannot change."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.records.record_type import Record

_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="string")
_DIGITS = 32
# Identities of a list that are remembered twice over, some 80 MB: lists are in the order of time,
# or nearly, so records that are alike stand near each other.
_REMEMBERED = 200_000
_DIGEST_BYTES = 8


def fingerprint(record: Record, identity: Iterable[tuple[str, ...]]) -> str | None:
    """Return 32 hex digits that depend on some fields of a record, and on nothing else.

    A field that is null or an empty text has no part in it: it may be left out another time.

    Args:
        record: The record as its schema declares it, so that a time or a number has one form.
        identity: What tells records apart, the best first: the first whose leading field is there
            counts. The fields after that narrow it, whatever their case. A name that the schema
            does not know is looked up among the additional fields.

    Returns:
        The digits; None if nothing tells the record apart.
    """
    for leading, *narrowing in identity:
        if not _is_told(best := _value(record, leading)):
            continue
        told = {
            name: _folded(value) for name in narrowing if _is_told(value := _value(record, name))
        }
        return _hash({leading: best} | told)
    return None


def of_content(record: Record) -> str:
    """Return 32 hex digits that depend on all that a record holds: the last resort."""
    return _hash({"content": _ENCODER.encode(record).decode()})


class Identities:
    """The identities that the records of one list got; safe to share between threads.

    Records that have the same one, but are not the same, are numbered in the order that they came
    in, on whatever pages: two calls in one second, say, by callers who withheld their number.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Begin anew, for a list that is read again: its records may have changed since."""
        self._now: dict[bytes, bytes] = {}
        self._before: dict[bytes, bytes] = {}

    def of(self, record: Record, identity: Iterable[tuple[str, ...]]) -> str:
        """Return the identity of a record that has none yet.

        Args:
            record: The record, complete but for that.
            identity: As of :func:`fingerprint`.
        """
        found = fingerprint(record, identity) or of_content(record)
        content = hashlib.blake2b(_ENCODER.encode(record), digest_size=_DIGEST_BYTES).digest()
        with self._lock:
            number = self._number(bytes.fromhex(found), content)
        return numbered(found, number) if number else found

    def _number(self, identity: bytes, content: bytes) -> int:
        """Return which of the records of one identity has this content."""
        known = self._now.get(identity) or self._before.get(identity) or b""
        for place in range(0, len(known), _DIGEST_BYTES):
            if known[place : place + _DIGEST_BYTES] == content:
                return place // _DIGEST_BYTES  # it came twice
        if len(self._now) >= _REMEMBERED:
            self._before, self._now = self._now, {}
        self._now[identity] = known + content
        return len(known) // _DIGEST_BYTES


def numbered(first: str, number: int) -> str:
    """Return the identity of the second, third ... record that has the same one in a list."""
    return _hash({"identity": first, "number": number})


def _is_told(value: object) -> bool:
    return value is not None and value != ""


def _value(record: Record, name: str) -> Any:  # noqa: ANN401 - JSON is any value
    if hasattr(record, name):
        return getattr(record, name)
    return (record.additional_fields or {}).get(name)


def _folded(value: Any) -> Any:  # noqa: ANN401 - as above
    return value.casefold() if isinstance(value, str) else value


def _hash(told: dict[str, Any]) -> str:
    return hashlib.sha256(_ENCODER.encode(told)).hexdigest()[:_DIGITS]
