"""Make a provider's record fit its schema, losing nothing.

A schema is compiled once, into the type of the stream's records and what is left to be done to
them. A value that its field's type cannot hold, and a field that the schema does not know, end up
in ``additional_fields`` exactly as they were sent; of an array or object that does not fit in a
part only, the rest stays in its field as well.
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
    from collections.abc import Mapping

    from tap_voicecalls.records.record_type import Record

    Fields = dict[str, Any]

ACCOUNT = "account"
ADDITIONAL_FIELDS = "additional_fields"
OTHER_FIELDS = "fields that the schema does not know"
_UNFIT = (msgspec.ValidationError, ArithmeticError, RecursionError, ConversionError)
_NULL = RawJson(b"null")
# Types of what is no record, in the words of JSON.
_KINDS = {str: "a text", bool: "true or false", list: "an array", type(None): "null"}
_OWN = {ACCOUNT, ADDITIONAL_FIELDS}  # the tap's, whatever a provider sends under these names


class Conformer:
    """Turns records as sent into records as the schema declares them.

    Most records hold what is declared and nothing else: they are decoded right into their type.
    All others are taken apart field by field.

    Args:
        schema: The JSON schema of a stream, whose properties become the columns.
        moved: Fields that are kept under another name, by the name they are sent under.

    Attributes:
        unreadable: How often a field held what no reader takes, by name.
        nulls: How many records were null, and left out.
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
        """Return a record holding every declared field, None where nothing was sent.

        Raises:
            ValueError: It is no object.
        """
        try:
            record = self._decode(sent)
            self._type.finish(record)
        except _UNFIT:
            return self._taken_apart(decode(bytes(sent)))
        return record

    def all(self, sent: RawJson) -> list[Record]:
        """Return the records of an array; faster than one by one.

        Raises:
            ValueError: As above.
        """
        try:
            records: list[Record] = self._decode_all(sent)
            for record in records:
                self._type.finish(record)
        except _UNFIT:
            return self._one_by_one(each(sent))
        return records

    def remarks(self) -> list[str]:
        """Return what is to be said of the records so far, one line each, without their data."""
        remarks = []
        if self.unreadable:
            remarks.append(
                "values that cannot be read, such as NaN, are null, and their text stands in "
                f"`{ADDITIONAL_FIELDS}`: {self.unreadable}"
            )
        if self.nulls:
            remarks.append(f"left out records that are null: {self.nulls}")
        return remarks

    def _one_by_one(self, sent: list[RawJson]) -> list[Record]:
        """Return the records of a list, without those that are null: they tell of nothing."""
        told = [one for one in sent if one != _NULL]
        if len(told) < len(sent):
            self.nulls.add("null", len(sent) - len(told))
        return [self(one) for one in told]

    def _taken_apart(self, sent: Any) -> Record:  # noqa: ANN401 - JSON is any value
        """Conform a record that holds more, or something else, than the schema declares."""
        unreadable: Fields = {}
        if not isinstance(sent, dict) or sent.get(UNREADABLE) is not None:
            kind = _KINDS.get(type(sent), "a number")
            msg = f"a record is {kind}, and no object"
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
        return {self._kept_as(name, sent): content for name, content in sent.items()}

    def _kept_as(self, name: str, sent: Fields) -> str:
        kept = self._moved.get(name, name)
        return name if kept in sent else kept


class _Splitter:
    """Splits an object into what its schema declares, converted, and what it does not."""

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
