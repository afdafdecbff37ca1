"""An identity for records that come without one, made only of what cannot change."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.record_type import Record

_ENCODER = msgspec.json.Encoder(order="deterministic", decimal_format="string")
_DIGITS = 32


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
