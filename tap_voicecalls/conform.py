"""Make a provider's record fit its schema, losing nothing.

A schema is compiled once into converters. A value that its field's type cannot hold, and a field
that the schema does not know, end up in ``additional_fields`` exactly as they were sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.converters import Misfit, converter, types_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Record = dict[str, Any]

ADDITIONAL_FIELDS = "additional_fields"


class Conformer:
    """Turns records as sent into records as the schema declares them.

    Args:
        schema: The JSON schema of a stream, whose properties become the columns.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        properties = {
            name: field for name, field in schema["properties"].items() if name != ADDITIONAL_FIELDS
        }
        self._root = _ObjectConverter(properties)

    def __call__(self, record: Record) -> Record:
        """Return a new record holding every declared field, null where nothing was sent."""
        try:
            msgspec.convert(record, self._root.shape)
            conformed = self._root.fill(record)
        except (msgspec.ValidationError, Misfit):
            return self._split(record)
        conformed[ADDITIONAL_FIELDS] = None
        return conformed

    def _split(self, record: Record) -> Record:
        """Conform a record that holds more, or something else, than the schema declares."""
        conformed, rest = self._root.split(record)
        if rest.get(ADDITIONAL_FIELDS, ...) is None:
            del rest[ADDITIONAL_FIELDS]
        conformed[ADDITIONAL_FIELDS] = rest or None
        return conformed


class _ObjectConverter:
    """Splits an object into what its schema declares and what it does not.

    Most objects hold nothing else: their shape, checked in one go, tells, and then only the fields
    that may need to be converted are looked at.

    Attributes:
        shape: The type of objects that hold declared fields only; it does not check those that may
            need to be converted.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._names = properties.keys()
        self._empty: Record = dict.fromkeys(properties)
        self._nested = {
            name: _ObjectConverter(field["properties"])
            for name, field in properties.items()
            if "properties" in field
        }
        self._converters = {
            name: converter(field) for name, field in properties.items() if name not in self._nested
        }
        types = {name: _checkable(field) for name, field in properties.items()}
        types.update({name: nested.shape | None for name, nested in self._nested.items()})
        self._unchecked = [
            (name, convert) for name, convert in self._converters.items() if types[name] is object
        ]
        self.shape: Any = msgspec.defstruct(
            "Shape",
            [(f"field_{index}", kind, None) for index, kind in enumerate(types.values())],
            rename=dict(zip((f"field_{index}" for index in range(len(types))), types, strict=True)),
            forbid_unknown_fields=True,
        )

    def fill(self, value: Record) -> Record:
        """Return the fields of an object that has the shape, converted.

        Raises:
            Misfit: One cannot be converted.
        """
        filled: Record = self._empty | value
        for name, convert in self._unchecked:
            if filled[name] is not None:
                filled[name] = convert(filled[name])
        for name, nested in self._nested.items():
            if filled[name] is not None:
                filled[name] = nested.fill(filled[name])
        return filled

    def split(self, value: Record) -> tuple[Record, Record]:
        """Return the declared fields, converted, and the rest, as sent."""
        fitting = self._empty.copy()
        rest: Record = {}
        for name, content in value.items():
            if content is None and name in self._names:
                continue
            if convert := self._converters.get(name):
                try:
                    fitting[name] = convert(content)
                except Misfit:
                    rest[name] = content
            elif (nested := self._nested.get(name)) and isinstance(content, dict):
                fitting[name], unknown = nested.split(content)
                if unknown:
                    rest[name] = unknown
            else:
                rest[name] = content
        return fitting, rest


def _checkable(field: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type
    """Return the type whose values need no conversion; object where each must be looked at."""
    types = set(types_of(field))
    kinds = [_CHECKABLE.get(kind) for kind in types - {"null"}]
    if field.get("format") == "date-time" or len(kinds) != 1 or kinds[0] is None:
        return object
    return kinds[0] | None


_CHECKABLE: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
}
