"""The type of a stream's records, made from its schema: JSON is decoded into it, and back.

Values whose content the schema does not declare, such as an object of the user's own, stay the
bytes that were sent: they are neither decoded nor encoded.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec

from tap_voicecalls.common.json_types import types_of
from tap_voicecalls.records.columns import RawColumn, TimeColumn, ValueColumn
from tap_voicecalls.records.converters import ConversionError, converter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tap_voicecalls.records.columns import Column

    Fields = dict[str, Any]

Record = Any
"""A record: an attribute for each field of its schema."""

# The first byte of a value, by its type.
_BEGINNINGS = {
    "object": b"{",
    "array": b"[",
    "string": b'"',
    "boolean": b"tf",
    "number": b"-0123456789",
}
# Types of decoded values that need no conversion.
_FINAL: dict[str, set[type]] = {"boolean": {bool}, "integer": {int}, "number": {int, Decimal}}


_ENCODER = msgspec.json.Encoder(decimal_format="number")
encode: Callable[[Record], bytes] = _ENCODER.encode
"""Return a record as JSON, in one line and with exact numbers."""
encode_lines: Callable[[Sequence[Record]], bytes] = _ENCODER.encode_lines
"""Return records as lines of JSON; faster than one by one."""


class _Field(NamedTuple):
    """How a field is decoded and converted.

    Attributes:
        decoded: The type that it is decoded to.
        column: Makes what converts the decoded values, given the field's name; None if no value
            needs that.
    """

    decoded: Any
    column: Callable[[str], Column] | None = None


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
        self._columns = [field.column(name) for name, field in fields.items() if field.column]
        self._as_sent = [name for name, field in stored.items() if field.decoded is msgspec.Raw]
        self.struct: Any = msgspec.defstruct(
            "Record",
            [(name, field.decoded, None) for name, field in fields.items()],
            forbid_unknown_fields=True,
            gc=False,  # JSON has no cycles
        )

    def finish(self, records: Sequence[Record]) -> set[int]:
        """Convert the fields of decoded records, in place.

        Returns:
            The positions of records with a value that the type of its field cannot hold.
        """
        misfits = set[int]()
        for column in self._columns:
            misfits.update(column.convert(records))
        for sent, name in self._moved.items():
            for record in records:
                setattr(record, name, getattr(record, sent))
                setattr(record, sent, None)
        for name, nested in self._nested.items():
            inner = [getattr(record, name) for record in records]
            held = [number for number, one in enumerate(inner) if one is not None]
            misfits.update(held[at] for at in nested.finish([inner[number] for number in held]))
        return misfits

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
            return _Field(msgspec.Raw, partial(RawColumn, beginnings=beginnings))
        convert = converter(field)
        if field.get("format") == "date-time":
            return _Field(object, partial(TimeColumn, convert=convert))
        kinds = [kind for kind in types_of(field) if kind != "null"]
        if kinds == ["string"]:
            return _Field(str | None)
        final = _FINAL.get(kinds[0], set()) if len(kinds) == 1 else set()
        return _Field(object, partial(ValueColumn, final=final, convert=convert))


def _beginnings(field: Mapping[str, Any]) -> bytes:
    """Return the possible first bytes of a field's values, if those decide whether a value fits."""
    kinds = set(types_of(field)) - {"null"}
    if not kinds & {"object", "array"} or kinds - _BEGINNINGS.keys():
        return b""
    if "properties" in field or field.get("items"):
        return b""
    return b"".join(_BEGINNINGS[kind] for kind in kinds)


def _refuse(_: Any) -> NoReturn:  # noqa: ANN401 - any value
    raise ConversionError


_TAPS_OWN = _Field(object, partial(ValueColumn, final=set(), convert=_refuse))
