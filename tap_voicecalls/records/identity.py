"""An identity for records without an id, made only of fields that cannot change."""

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
# Identities in each of the two generations that are remembered, some 80 MB: lists are sorted by
# time, or nearly, so records with the same identity are near each other.
_REMEMBERED = 200_000
_DIGEST_BYTES = 8


def fingerprint(record: Record, identity: Iterable[tuple[str, ...]]) -> str | None:
    """Return 32 hex digits that depend on some fields of a record and on nothing else.

    A field that is null or an empty text is excluded from the hash, since APIs may omit it.

    Args:
        record: The record as its schema declares it, so that a time or a number has one form.
        identity: Alternative fields that identify a record, the best first: the first alternative
            whose leading field is set is used. The other fields narrow it; their case does not
            matter. A name that the schema does not declare is looked up in `additional_fields`.

    Returns:
        The digits; None if no leading field is set.
    """
    for leading, *narrowing in identity:
        if not _is_set(best := _value(record, leading)):
            continue
        others = {
            name: _folded(value) for name in narrowing if _is_set(value := _value(record, name))
        }
        return _hash({leading: best} | others)
    return None


def of_content(record: Record) -> str:
    """Return 32 hex digits that depend on all fields of a record: the last resort."""
    return _hash({"content": _ENCODER.encode(record).decode()})


class Identities:
    """The identities of the records of one list; safe to share between threads.

    Different records with the same identity, such as two calls in one second by callers who
    withheld their number, are numbered in the order in which they came, over all pages.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all, for a list that is read again: its records may have changed."""
        self._recent: dict[bytes, bytes] = {}
        self._earlier: dict[bytes, bytes] = {}

    def of(self, record: Record, identity: Iterable[tuple[str, ...]]) -> str:
        """Return an identity for a record without an id.

        Args:
            record: The record, complete except for the id.
            identity: See :func:`fingerprint`.
        """
        first = fingerprint(record, identity) or of_content(record)
        content = hashlib.blake2b(_ENCODER.encode(record), digest_size=_DIGEST_BYTES).digest()
        with self._lock:
            number = self._number(bytes.fromhex(first), content)
        return numbered(first, number) if number else first

    def _number(self, identity: bytes, content: bytes) -> int:
        """Return the number of the record with this content among those of one identity."""
        known = self._recent.get(identity) or self._earlier.get(identity) or b""
        for start in range(0, len(known), _DIGEST_BYTES):
            if known[start : start + _DIGEST_BYTES] == content:
                return start // _DIGEST_BYTES  # the same record came again
        if len(self._recent) >= _REMEMBERED:
            self._earlier, self._recent = self._recent, {}
        self._recent[identity] = known + content
        return len(known) // _DIGEST_BYTES


def numbered(first: str, number: int) -> str:
    """Return the identity of the second, third ... of several records with the same identity."""
    return _hash({"identity": first, "number": number})


def _is_set(value: object) -> bool:
    return value is not None and value != ""


def _value(record: Record, name: str) -> Any:  # noqa: ANN401 - JSON is any value
    if hasattr(record, name):
        return getattr(record, name)
    return (record.additional_fields or {}).get(name)


def _folded(value: Any) -> Any:  # noqa: ANN401 - as above
    return value.casefold() if isinstance(value, str) else value


def _hash(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_ENCODER.encode(fields)).hexdigest()[:_DIGITS]
