"""Make a provider's record fit its schema, losing nothing.

A schema is compiled once into converters. A value that its field's type cannot hold, and a field
that the schema does not know, end up in ``additional_fields`` exactly as they were sent.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Converter = Callable[[Any], Any]
    Record = dict[str, Any]

ADDITIONAL_FIELDS = "additional_fields"
_LONGEST_INTEGER = 100  # digits; "1e999999" is a text, not a count


class Misfit(ValueError):  # noqa: N818 - a value that does not fit is no error of the run
    """A value that its field's declared type cannot hold."""


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
            name: _converter(field)
            for name, field in properties.items()
            if name not in self._nested
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


def _types(field: Mapping[str, Any]) -> list[str]:
    declared = field.get("type", [])
    return [declared] if isinstance(declared, str) else declared


def _checkable(field: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type
    """Return the type whose values need no conversion; object where each must be looked at."""
    types = set(_types(field))
    kinds = [_CHECKABLE.get(kind) for kind in types - {"null"}]
    if field.get("format") == "date-time" or len(kinds) != 1 or kinds[0] is None:
        return object
    return kinds[0] | None


def _converter(field: Mapping[str, Any]) -> Converter:
    """Compile a field's schema: a function that returns the value to write, or raises Misfit."""
    if "type" not in field:
        return _object_converter(field["properties"]) if "properties" in field else _as_sent
    if field.get("format") == "date-time":
        return _to_time
    types = _types(field)
    alternatives = {name: _converter_to(name, field) for name in types if name != "null"}
    if len(alternatives) == 1:
        return next(iter(alternatives.values()))
    return _first_fitting(alternatives)


def _converter_to(kind: str, field: Mapping[str, Any]) -> Converter:
    if kind == "array":
        return _array_converter(field.get("items", {}))
    if kind == "object" and "properties" in field:
        return _object_converter(field["properties"])
    return _CONVERTERS[kind]


def _first_fitting(alternatives: Mapping[str, Converter]) -> Converter:
    """Leave a value the type that it has, if that is allowed; else try what it can be made to."""

    def convert(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
        own = [alternatives[name] for name in _OWN_TYPES[type(value)] if name in alternatives]
        for alternative in own or alternatives.values():
            try:
                return alternative(value)
            except Misfit:
                continue
        raise Misfit

    return convert


def _array_converter(items: Mapping[str, Any]) -> Converter:
    convert_item = _nullable(items)

    def convert(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
        if not isinstance(value, list):
            raise Misfit
        return [convert_item(item) for item in value]

    return convert


def _object_converter(properties: Mapping[str, Any]) -> Converter:
    """Convert the known fields of an object inside an array; unknown ones stay where they are."""
    converters = {name: _nullable(field) for name, field in properties.items()}

    def convert(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
        if not isinstance(value, dict):
            raise Misfit
        return {name: converters.get(name, _as_sent)(content) for name, content in value.items()}

    return convert


def _nullable(field: Mapping[str, Any]) -> Converter:
    convert = _converter(field)
    if "null" not in field.get("type", "null"):
        return convert
    return lambda value: None if value is None else convert(value)


def _as_sent(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    return value


def _to_time(value: Any) -> str | None:  # noqa: ANN401 - JSON is any value
    if type(value) is not str:
        raise Misfit
    if not value:
        return None
    try:
        return format_time(parse_time(value))
    except ValueError as error:
        raise Misfit from error


def _to_number(value: Any) -> int | Decimal | None:  # noqa: ANN401 - JSON is any value
    kind = type(value)
    if kind is Decimal or kind is int:
        return value  # type: ignore[no-any-return]
    if kind is not str:
        raise Misfit
    if not value:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise Misfit from error
    if not number.is_finite() or "_" in value:
        raise Misfit
    return number


def _to_integer(value: Any) -> int | None:  # noqa: ANN401 - JSON is any value
    number = _to_number(value)
    if number is None or isinstance(number, int):
        return number
    if number.adjusted() > _LONGEST_INTEGER or number != number.to_integral_value():
        raise Misfit
    return int(number)


def _to_string(value: Any) -> str:  # noqa: ANN401 - JSON is any value
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise Misfit


def _to_boolean(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Misfit


def _to_object(value: Any) -> Record:  # noqa: ANN401 - JSON is any value
    if isinstance(value, dict):
        return value
    raise Misfit


# What a decoded value already is, in the words of JSON schema.
_OWN_TYPES: dict[type, tuple[str, ...]] = {
    str: ("string",),
    int: ("integer", "number"),
    Decimal: ("number",),
    bool: ("boolean",),
    dict: ("object",),
    list: ("array",),
    type(None): (),
}
_CHECKABLE: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
}
_CONVERTERS: dict[str, Converter] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "object": _to_object,
}
