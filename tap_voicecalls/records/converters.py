"""Converters: each makes a value fit the declared type of its field, or refuses it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.json_types import types_of
from tap_voicecalls.common.times import normal_time
from tap_voicecalls.records.exact import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Converter = Callable[[Any], Any]

# Some providers write 1 and 0.
_BOOLEANS: dict[str | int, bool] = {"true": True, "false": False, 1: True, 0: False}
_LONGEST_INTEGER = 100  # digits; "1e300" is not a count


class ConversionError(ValueError):
    """The declared type of a field cannot hold a value.

    Args:
        fitting: The part of an array or object that fits.
    """

    def __init__(self, fitting: Any = None) -> None:  # noqa: ANN401 - JSON is any value
        super().__init__()
        self.fitting = fitting


def converter(field: Mapping[str, Any]) -> Converter:
    """Compile a field's schema: a function that returns the value or raises ConversionError."""
    if "type" not in field:
        return _object_converter(field["properties"]) if "properties" in field else _as_sent
    if field.get("format") == "date-time":
        return _to_time
    types = types_of(field)
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
    """Keep a value's own type if it is allowed; otherwise try the allowed types in order."""

    def convert(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
        own = [alternatives[name] for name in _OWN_TYPES[type(value)] if name in alternatives]
        fitting = None
        for alternative in own or alternatives.values():
            try:
                return alternative(value)
            except ConversionError as misfit:
                fitting = fitting or misfit.fitting
        raise ConversionError(fitting)

    return convert


def _array_converter(items: Mapping[str, Any]) -> Converter:
    convert_item, may_be_null = _nullable(items), _may_be_null(items)

    def convert(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
        if not isinstance(value, list):
            raise ConversionError
        fitting, is_whole = [], True
        for item in value:
            try:
                fitting.append(convert_item(item))
            except ConversionError as misfit:
                is_whole = False
                if misfit.fitting is not None or may_be_null:
                    fitting.append(misfit.fitting)
        if not is_whole:
            raise ConversionError(fitting if any(item is not None for item in fitting) else None)
        return fitting

    return convert


def _object_converter(properties: Mapping[str, Any]) -> Converter:
    """Convert the declared fields of an object in an array; undeclared ones stay in the object."""
    converters = {
        name: (_nullable(field), _may_be_null(field)) for name, field in properties.items()
    }
    unknown = (_as_sent, True)

    def convert(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
        if not isinstance(value, dict):
            raise ConversionError
        fitting, is_whole = {}, True
        for name, content in value.items():
            convert_field, may_be_null = converters.get(name, unknown)
            try:
                fitting[name] = convert_field(content)
            except ConversionError as misfit:
                is_whole = False
                if misfit.fitting is not None or may_be_null:
                    fitting[name] = misfit.fitting
        if not is_whole:
            raise ConversionError(
                fitting if any(item is not None for item in fitting.values()) else None
            )
        return fitting

    return convert


def _may_be_null(field: Mapping[str, Any]) -> bool:
    return "null" in field.get("type", "null")


def _nullable(field: Mapping[str, Any]) -> Converter:
    convert = converter(field)
    if not _may_be_null(field):
        return convert
    return lambda value: None if value is None else convert(value)


def _as_sent(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    return value


def _to_time(value: Any) -> str | None:  # noqa: ANN401 - JSON is any value
    if type(value) is not str:
        raise ConversionError
    if not value:
        return None
    try:
        return normal_time(value)
    except ValueError as error:
        raise ConversionError from error


def _to_number(value: Any) -> int | Decimal | None:  # noqa: ANN401 - JSON is any value
    kind = type(value)
    if kind is Decimal or kind is int:
        return value  # type: ignore[no-any-return]
    if kind is not str:
        raise ConversionError
    if not value:
        return None
    try:
        number = exact(value.strip())
    except ArithmeticError as error:
        raise ConversionError from error
    if not number.is_finite():
        raise ConversionError
    return number


def _to_integer(value: Any) -> int | None:  # noqa: ANN401 - JSON is any value
    number = _to_number(value)
    if number is None or isinstance(number, int):
        return number
    if number.adjusted() > _LONGEST_INTEGER or number != number.to_integral_value():
        raise ConversionError
    return int(number)


def _to_string(value: Any) -> str:  # noqa: ANN401 - JSON is any value
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ConversionError


def _to_boolean(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if isinstance(value, bool):
        return value
    if isinstance(value, str | int) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise ConversionError


def _to_object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is any value
    if isinstance(value, dict):
        return value
    raise ConversionError


# The JSON schema types that a decoded value has.
_OWN_TYPES: dict[type, tuple[str, ...]] = {
    str: ("string",),
    int: ("integer", "number"),
    Decimal: ("number",),
    bool: ("boolean",),
    dict: ("object",),
    list: ("array",),
    type(None): (),
}
_CONVERTERS: dict[str, Converter] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "object": _to_object,
}
