"""Numbers as text, for targets that would make floats of them: the setting `use_singer_decimal`.

A field that is a number becomes a text of the format `x-singer.decimal`, of which targets make a
DECIMAL. Numbers inside arrays and free-form objects stay numbers: these are JSON in the target.
Pure.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.json_types import types_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Schema = dict[str, Any]

PRECISION, SCALE = 38, 18
"""The digits of a DECIMAL, and those after its point: 38 are the most of Snowflake and DuckDB."""

_LAST_PLACE = Decimal(1).scaleb(-SCALE)
_WIDE = Context(prec=PRECISION)
_PRECISION = {"precision": PRECISION, "scale": SCALE}
_FORMAT = "x-singer.decimal"


def with_decimals(schema: Mapping[str, Any]) -> Schema:
    """Return a schema whose numbers are texts of the format `x-singer.decimal`."""
    return _changed(schema, is_number, decimal_field)


def with_numbers(schema: Mapping[str, Any]) -> Schema:
    """Return a schema with numbers in place of such texts."""
    return _changed(schema, is_decimal, _as_number)


def with_precision(schema: Mapping[str, Any]) -> Schema:
    """Return a schema whose numbers as text have the precision that the SDK's catalog drops."""
    return _changed(schema, is_decimal, lambda field: {**field, **_PRECISION})


def is_number(field: Mapping[str, Any]) -> bool:
    """Whether a field is a number, and nothing else but null."""
    return "number" in types_of(field) and set(types_of(field)) <= {"number", "null"}


def is_decimal(field: Mapping[str, Any]) -> bool:
    """Whether a field is a number as text."""
    return field.get("format") == _FORMAT


def text_of(number: int | Decimal) -> str:
    """Return a number with all its digits, and without an exponent."""
    return str(number) if isinstance(number, int) else f"{number:f}"


def fits(number: int | Decimal) -> bool:
    """Whether a DECIMAL of the target holds a number without rounding it."""
    exact = Decimal(number)
    _, digits, exponent = exact.as_tuple()
    if not isinstance(exponent, int):
        return False
    # Without the zeros at the end; `normalize` would round to 28 digits.
    shown = len("".join(map(str, digits)).rstrip("0"))
    places = -exponent - (len(digits) - shown)
    return not shown or (places <= SCALE and exact.adjusted() < PRECISION - SCALE)


def numbers_of(record: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decoded record with numbers in place of their texts."""
    return _converted(record, schema, _as_decimal)


def texts_of(record: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapped record with texts in place of numbers, where the schema has such texts.

    A quotient is rounded to the places that a DECIMAL has.
    """
    return _converted(record, schema, _as_plain_text)


def _as_decimal(value: Any) -> Any:  # noqa: ANN401 - any value
    return Decimal(value) if isinstance(value, str) else value


def _as_plain_text(value: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return value
    number = Decimal(str(value))  # of an expression, which may also give a float
    rounded = number.is_finite() and not fits(number) and number.adjusted() < PRECISION - SCALE
    return text_of(_WIDE.quantize(number, _LAST_PLACE) if rounded else number)


def _converted(
    record: Mapping[str, Any], schema: Mapping[str, Any], convert: Callable[[Any], Any]
) -> dict[str, Any]:
    converted = dict(record)
    for name, field in schema["properties"].items():
        value = converted.get(name)
        if value is None:
            continue
        if is_decimal(field):
            converted[name] = convert(value)
        elif field.get("properties") and isinstance(value, dict):
            converted[name] = _converted(value, field, convert)
    return converted


def _changed(
    schema: Mapping[str, Any], applies: Callable[[Any], bool], change: Callable[[Any], Schema]
) -> Schema:
    properties = {
        name: change(field)
        if applies(field)
        else _changed(field, applies, change)
        if field.get("properties")
        else field
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def decimal_field(field: Mapping[str, Any]) -> Schema:
    """Return the schema of a number as one of a text."""
    kinds = ["string" if kind == "number" else kind for kind in types_of(field)]
    return {**field, "type": kinds, "format": _FORMAT, **_PRECISION}


def _as_number(field: Mapping[str, Any]) -> Schema:
    kinds = ["number" if kind == "string" else kind for kind in types_of(field)]
    left = {
        name: each for name, each in field.items() if name not in {"format", "precision", "scale"}
    }
    return {**left, "type": kinds}
