"""Makes a provider's records fit their schema without losing anything.

A schema is compiled once, into a type for the stream's records and the conversions that remain
after decoding. A value that the type of its field cannot hold, and a field that the schema does not
declare, are stored in ``additional_fields`` exactly as sent. If only a part of an array or object
does not fit, the rest of it stays in its field as well.
"""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.records.converters import ConversionError, converter
from tap_voicecalls.records.exact import exact
from tap_voicecalls.records.json_repair import UNREADABLE, split_unreadable
from tap_voicecalls.records.raw_json import RawJson, decode, each
from tap_voicecalls.records.record_type import RecordType
from tap_voicecalls.records.shared_counter import SharedCounter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_voicecalls.records.record_type import Record

    Fields = dict[str, Any]

ACCOUNT = "account"
ADDITIONAL_FIELDS = "additional_fields"
OTHER_FIELDS = "undeclared fields"
_UNFIT = (msgspec.ValidationError, ArithmeticError, RecursionError, ConversionError)
_NULL = RawJson(b"null")
# JSON types of values that are not records.
_KINDS = {str: "a text", bool: "true or false", list: "an array", type(None): "null"}
_OWN = {ACCOUNT, ADDITIONAL_FIELDS}  # filled by the tap, even if a provider sends these names


class Conformer:
    """Turns records as sent into records as the schema declares them.

    Most records hold only declared fields of the declared types: they are decoded directly into
    their type. All others are converted field by field.

    Args:
        schema: The JSON schema of a stream, whose properties become the columns.
        moved: Fields that are stored under another name, by the name they are sent under.

    Attributes:
        unreadable: How often a field held a value that no JSON reader accepts, by name.
        nulls: How many records were null, and skipped.
    """

    def __init__(self, schema: Mapping[str, Any], moved: Mapping[str, str] | None = None) -> None:
        properties = schema["properties"]
        self.unreadable, self.nulls = SharedCounter(), SharedCounter()
        self._names = properties.keys()
        self._moved = dict(moved or {})
        self._type = RecordType(properties, own=_OWN, moved=self._moved)
        self._decode = msgspec.json.Decoder(self._type.struct, float_hook=exact).decode
        several = GenericAlias(list, (self._type.struct,))
        self._decode_all = msgspec.json.Decoder(several, float_hook=exact).decode
        self._splitter = _Splitter(
            {name: field for name, field in properties.items() if name not in _OWN}
        )

    def __call__(self, sent: RawJson | bytes) -> Record:
        """Return a record with every declared field, None where nothing was sent.

        Raises:
            ValueError: It is not an object.
        """
        return self._each([RawJson(sent)])[0]

    def all(self, sent: RawJson) -> list[Record]:
        """Return the records of an array; faster than one by one.

        Raises:
            ValueError: As above.
        """
        try:
            records: list[Record] = self._decode_all(sent)
        except _UNFIT:
            return self._each(self._without_nulls(each(sent)))
        if misfits := self._type.finish(records):
            elements = each(sent)
            for at in misfits:
                records[at] = self._field_by_field(elements[at])
        return records

    def remarks(self) -> list[str]:
        """Return warnings about the records so far, one line each, without their data."""
        remarks = []
        if self.unreadable:
            remarks.append(
                "unreadable values, such as NaN, are null, and their text is in "
                f"`{ADDITIONAL_FIELDS}`: {self.unreadable}"
            )
        if self.nulls:
            remarks.append(f"skipped records that are null: {self.nulls}")
        return remarks

    def _without_nulls(self, sent: list[RawJson]) -> list[RawJson]:
        elements = [one for one in sent if one != _NULL]
        if len(elements) < len(sent):
            self.nulls.add("null", len(sent) - len(elements))
        return elements

    def _each(self, sent: Sequence[RawJson]) -> list[Record]:
        """Return records of which some do not fit."""
        records = [self._decoded(one) for one in sent]
        typed = [at for at, record in enumerate(records) if record is not None]
        misfits = self._type.finish([records[at] for at in typed])
        fitting = {at for number, at in enumerate(typed) if number not in misfits}
        return [
            record if at in fitting else self._field_by_field(sent[at])
            for at, record in enumerate(records)
        ]

    def _decoded(self, sent: RawJson) -> Record | None:
        """Return a record before its conversions; None if it does not have the types declared."""
        try:
            return self._decode(sent)
        except _UNFIT:
            return None

    def _field_by_field(self, raw: RawJson) -> Record:
        """Conform a record with undeclared fields, or with values of other types than declared."""
        sent: Any = decode(bytes(raw))
        unreadable: Fields = {}
        if not isinstance(sent, dict) or sent.get(UNREADABLE) is not None:
            kind = _KINDS.get(type(sent), "a number")
            msg = f"a record is {kind}, not an object"
            raise ValueError(msg)
        if UNREADABLE in sent:
            sent, unreadable = split_unreadable(sent)
        fitting, rest = self._splitter.split(self._renamed(sent))
        if unreadable:
            rest |= self._renamed(unreadable)
            for name in unreadable:
                self.unreadable.add(name if name in self._names else OTHER_FIELDS)
        for name in _OWN & rest.keys():
            if rest[name] is None:
                del rest[name]
        return self._type.build({**fitting, ADDITIONAL_FIELDS: rest or None})

    def _renamed(self, sent: Fields) -> Fields:
        return {self._stored_as(name, sent): content for name, content in sent.items()}

    def _stored_as(self, name: str, sent: Fields) -> str:
        stored = self._moved.get(name, name)
        return name if stored in sent else stored


class _Splitter:
    """Splits an object into declared fields, converted, and undeclared fields."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._names = properties.keys()
        self._empty: Fields = dict.fromkeys(properties)
        self._nested = {
            name: _Splitter(field["properties"])
            for name, field in properties.items()
            if "properties" in field
        }
        self._converters = {
            name: converter(field) for name, field in properties.items() if name not in self._nested
        }

    def split(self, value: Fields) -> tuple[Fields, Fields]:
        """Return the declared fields, converted, and the rest, as sent."""
        fitting = self._empty.copy()
        rest: Fields = {}
        for name, content in value.items():
            if content is None and name in self._names:
                continue
            if convert := self._converters.get(name):
                try:
                    fitting[name] = convert(content)
                except ConversionError as misfit:
                    fitting[name] = misfit.fitting
                    rest[name] = content
            elif (nested := self._nested.get(name)) and isinstance(content, dict):
                fitting[name], unknown = nested.split(content)
                if unknown:
                    rest[name] = unknown
            else:
                rest[name] = content
        return fitting, rest
