"""The type of a stream's records, made from its schema: JSON is decoded into it, and back.

Values whose content the schema does not declare, such as an object of the user's own, stay the
bytes that were sent: they are neither decoded nor encoded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec

from tap_voicecalls.common.json_types import types_of
from tap_voicecalls.records.converters import ConversionError, converter
from tap_voicecalls.records.raw_json import is_readable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Fields = dict[str, Any]

Record = Any
"""A record: an attribute for each field of its schema."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NULL = ord("n")
# The first byte of a value, by its type.
_BEGINNINGS = {
    "object": b"{",
    "array": b"[",
    "string": b'"',
    "boolean": b"tf",
    "number": b"-0123456789",
}
# Types of decoded values that need no conversion.
_PLAIN: dict[str, type] = {"string": str, "boolean": bool, "integer": int}
_NUMBERS = {int, Decimal}


def encode(record: Record) -> bytes:
    """Return a record as JSON, in one line and with exact numbers."""
    return _ENCODER.encode(record)


class _Field(NamedTuple):
    """How a field is decoded and converted.

    Attributes:
        decoded: The type that it is decoded to.
        final: Types of decoded values that need no conversion; None if no value needs any.
        convert: Converts all others, or raises ConversionError.
    """

    decoded: Any
    final: set[type] | None = None
    convert: Callable[[Any], Any] = lambda value: value


class RecordType:
    """The type of the objects that a schema's properties describe.

    Args:
        properties: The properties.
        own: The fields that the tap fills, and a provider must not.
        moved: Fields that are stored under another name, by the name they are sent under.

    Attributes:
        struct: The type; it refuses objects with undeclared fields.
    """

    def __init__(
        self,
        properties: Mapping[str, Any],
        own: Collection[str] = (),
        moved: Mapping[str, str] | None = None,
    ) -> None:
        self._nested = {
            name: RecordType(field["properties"])
            for name, field in properties.items()
            if "properties" in field
        }
        self._moved = dict(moved or {})
        stored = {
            name: _TAPS_OWN if name in own else self._field(name, field)
            for name, field in properties.items()
        }
        fields = stored | {sent: stored[name] for sent, name in self._moved.items()}
        fields |= dict.fromkeys(self._moved.values(), _TAPS_OWN)
        self._conversions = [
            (name, field.final | {type(None)}, field.convert)
            for name, field in fields.items()
            if field.final is not None
        ]
        self._as_sent = [name for name, field in stored.items() if field.decoded is msgspec.Raw]
        self.struct: Any = msgspec.defstruct(
            "Record",
            [(name, field.decoded, None) for name, field in fields.items()],
            forbid_unknown_fields=True,
            gc=False,  # JSON has no cycles
        )

    def finish(self, record: Record) -> None:
        """Convert the fields of a decoded record, in place.

        Raises:
            ConversionError: The type of a field cannot hold its value.
        """
        for name, final, convert in self._conversions:
            value = getattr(record, name)
            if type(value) not in final:
                setattr(record, name, convert(value))
        for sent, name in self._moved.items():
            setattr(record, name, getattr(record, sent))
            setattr(record, sent, None)
        for name, nested in self._nested.items():
            if (inner := getattr(record, name)) is not None:
                nested.finish(inner)

    def build(self, fitting: Fields) -> Record:
        """Make a record of values that have been converted."""
        fields = dict(fitting)
        for name, nested in self._nested.items():
            if fields[name] is not None:
                fields[name] = nested.build(fields[name])
        for name in self._as_sent:
            if fields[name] is not None:
                fields[name] = msgspec.Raw(encode(fields[name]))
        return self.struct(**fields)

    def _field(self, name: str, field: Mapping[str, Any]) -> _Field:
        if name in self._nested:
            return _Field(self._nested[name].struct | None)
        if beginnings := _beginnings(field):
            return _Field(msgspec.Raw, set(), _beginning_with(beginnings))
        kinds = [kind for kind in types_of(field) if kind != "null"]
        if field.get("format") != "date-time":
            if kinds == ["string"]:
                return _Field(str | None)
            if kinds == ["number"]:
                return _Field(object, _NUMBERS, converter(field))
            if len(kinds) == 1 and kinds[0] in _PLAIN:
                return _Field(object, {_PLAIN[kinds[0]]}, converter(field))
        return _Field(object, set(), converter(field))


def _beginnings(field: Mapping[str, Any]) -> bytes:
    """Return the possible first bytes of a field's values, if those decide whether a value fits."""
    kinds = set(types_of(field)) - {"null"}
    if not kinds & {"object", "array"} or kinds - _BEGINNINGS.keys():
        return b""
    if "properties" in field or field.get("items"):
        return b""
    return b"".join(_BEGINNINGS[kind] for kind in kinds)


def _beginning_with(allowed: bytes) -> Callable[[Any], Any]:
    def convert(value: msgspec.Raw) -> msgspec.Raw | None:
        first = memoryview(value)[0]
        if first == _NULL:
            return None
        if first in allowed and is_readable(value):
            return value
        raise ConversionError

    return convert


def _refuse(_: Any) -> NoReturn:  # noqa: ANN401 - any value
    raise ConversionError


_TAPS_OWN = _Field(object, set(), _refuse)
