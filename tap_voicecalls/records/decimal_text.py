"""Writes the numbers of records as text: the setting `use_singer_decimal`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.singer_decimal import (
    PRECISION,
    SCALE,
    fits,
    is_number,
    text_of,
    with_numbers,
)
from tap_voicecalls.records.raw_json import RawJson, decode
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.records.shared_counter import SharedCounter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.records.record_type import Record

_ADDITIONAL = "additional_fields"


class DecimalTexts:
    """Writes the numbers of a stream's records as text, in place.

    A number that a DECIMAL would round becomes null, and is kept in `additional_fields` if the
    record has them.

    Args:
        schema: The schema of the stream.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._misfits = SharedCounter()
        self._has_additional = _ADDITIONAL in schema["properties"]
        self._fields = _Fields(with_numbers(schema)["properties"])

    def __call__(self, record: Record) -> None:
        """Write the numbers of a record as text."""
        if not (rest := self._fields.write(record)):
            return
        for name in rest:
            self._misfits.add(name)
        if self._has_additional:
            sent = record.additional_fields
            known = decode(bytes(sent)) if isinstance(sent, RawJson) else sent
            record.additional_fields = RawJson(encode(_joined(known or {}, rest)))

    def remarks(self) -> list[str]:
        """Return warnings about the records so far, one line each, without their data."""
        if not self._misfits:
            return []
        fact = f"numbers that a DECIMAL({PRECISION}, {SCALE}) would round are null"
        return [f"{fact}: {self._misfits}"]


class _Fields:
    """The numbers of an object, and the objects in it."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._numbers = [name for name, field in properties.items() if is_number(field)]
        self._nested = {
            name: _Fields(field["properties"])
            for name, field in properties.items()
            if field.get("properties")
        }

    def write(self, record: Record) -> dict[str, Any]:
        """Write numbers as text; return those that do not fit."""
        rest: dict[str, Any] = {}
        for name in self._numbers:
            if (value := getattr(record, name)) is not None:
                if not fits(value):
                    rest[name] = value
                setattr(record, name, None if name in rest else text_of(value))
        for name, nested in self._nested.items():
            if (inner := getattr(record, name)) is not None and (left := nested.write(inner)):
                rest[name] = left
        return rest


def _joined(known: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    joined = dict(known)
    for name, value in more.items():
        match joined.get(name), value:
            case dict() as inner, dict():
                joined[name] = _joined(inner, value)
            case _:
                joined[name] = value
    return joined
