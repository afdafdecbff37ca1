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


def fingerprint(record: Record, by: Iterable[str], within: Iterable[str] = ()) -> str | None:
    """Return 32 hex digits that depend on some fields of a record, and on nothing else.

    A field that is null or an empty text has no part in it: it may be left out another time.

    Args:
        record: The record as its schema declares it, so that a time or a number has one form.
        by: The fields that tell records apart, the best first; the first that is there counts. A
            name that the schema does not know is looked up among the additional fields.
        within: Fields that count as well, but alone tell no record apart.

    Returns:
        The digits; None if nothing tells the record apart.
    """
    best = next(((name, value) for name in by if _is_told(value := _value(record, name))), None)
    if best is None:
        return None
    told = {name: value for name in within if _is_told(value := _value(record, name))}
    return _hash(dict([best]) | told)


def numbered(first: str, number: int) -> str:
    """Return the identity of the second, third ... record that has the same one in a list."""
    return _hash({"identity": first, "number": number})


def _is_told(value: object) -> bool:
    return value is not None and value != ""


def _value(record: Record, name: str) -> Any:  # noqa: ANN401 - JSON is any value
    if hasattr(record, name):
        return getattr(record, name)
    return (record.additional_fields or {}).get(name)


def _hash(told: dict[str, Any]) -> str:
    return hashlib.sha256(_ENCODER.encode(told)).hexdigest()[:_DIGITS]
