"""Expressions of stream maps: exact numbers, and arithmetic with null as in SQL."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from tap_voicecalls.output.expressions import is_number
from tap_voicecalls.output.stream_maps import ExactMap, MapError

RECORD: dict[str, Any] = {
    "id": "c-1",
    "cost": Decimal("0.10"),
    "more": Decimal("12345678901234567890.1234567890"),
    "nothing": None,
    "seconds": 90,
    "name": "x",
}
NUMBER = {"type": ["number", "null"]}
SCHEMA: dict[str, Any] = {
    "properties": {
        "id": {"type": "string"},
        "cost": NUMBER,
        "more": NUMBER,
        "nothing": NUMBER,
        "seconds": {"type": ["integer", "null"]},
        "name": {"type": ["string", "null"]},
    }
}


def mapped(**expressions: str) -> ExactMap:
    """Make a map of a stream."""
    return ExactMap(
        stream_alias="calls",
        map_config={},
        faker_config={},
        raw_schema=copy.deepcopy(SCHEMA),
        key_properties=["id"],
        map_transform=expressions,
        flattening_options=None,
        stream_name="calls",
    )


def result(expression: str) -> Any:  # noqa: ANN401 - any JSON
    """Evaluate an expression for the record."""
    record = mapped(result=expression).transform(dict(RECORD))
    assert record
    return record["result"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cost * 0.92", Decimal("0.0920")),
        ("0.92 * cost", Decimal("0.0920")),
        ("cost + 0.2", Decimal("0.30")),
        ("cost - 0.3", Decimal("-0.20")),
        ("cost / 0.3", Decimal("0." + 38 * "3")),
        ("cost // 0.03", Decimal(3)),
        ("cost % 0.03", Decimal("0.01")),
        ("cost ** 2", Decimal("0.0100")),
        ("cost + more", Decimal("12345678901234567890.2234567890")),
        ("more * 1.5", Decimal("18518518351851851835.18518518350")),
        ("-more", Decimal("-12345678901234567890.1234567890")),
        ("abs(-more)", Decimal("12345678901234567890.1234567890")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("cost * (1 - 0.9)", Decimal("0.010")),
        ("seconds * 0.1", Decimal("9.0")),
        ("seconds / 60", 1.5),
        ("seconds // 60 + seconds % 60", 31),
        ("float(cost) * 0.92", Decimal("0.0920")),
        ("float('0.10') + cost", Decimal("0.20")),
        ("float(more)", RECORD["more"]),
        ("float(seconds)", Decimal(90)),
        ("round(cost * 0.925, 3)", Decimal("0.092")),
        ("round(more)", 12345678901234567890),
        ("round(more, 2)", Decimal("12345678901234567890.12")),
        ("round(2.675, 2)", Decimal("2.68")),
        ("int(cost * 25)", 2),
        ("min(cost, nothing, 0.2)", Decimal("0.10")),
        ("max(cost, 0.2)", 0.2),
        ("str(cost)", "0.10"),
        ("'a' + name", "ax"),
        ("name * 2", "xx"),
        ("'%s!' % name", "x!"),
        ("datetime.timedelta(seconds=cost * 15).total_seconds()", 1.5),
        # null
        ("nothing or 0", 0),
        ("nothing * 0.92", None),
        ("cost + nothing", None),
        ("-nothing", None),
        ("round(nothing, 2)", None),
        ("float(nothing)", None),
        ("abs(nothing)", None),
        ("nothing > 0.5", False),
        ("nothing == None", True),
        ("cost if cost != None else 0", Decimal("0.10")),
        # comparisons
        ("cost == 0.1", True),
        ("cost != 0.1", False),
        ("cost <= 0.1", True),
        ("cost > 0.1", False),
        ("0.05 < cost < 0.15", True),
        ("cost in [0.1]", False),  # as Python compares them
        ("name == 'x'", True),
    ],
)
def test_numbers_are_exact_and_null_gives_null(expression: str, expected: object) -> None:
    """Amounts keep all digits and can be mixed with floats; null must not end the run."""
    assert (type(expected), expected) == (type(result(expression)), result(expression))


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("cost / 0", "DivisionByZero"),
        ("cost + name", "TypeError"),
        ("price * 2", "NameNotDefined"),
        ("sort(cost)", "FunctionNotDefined"),
        ("float(name)", "ValueError"),
    ],
)
def test_a_failing_expression_is_one_line_without_data(expression: str, error: str) -> None:
    """The line names the setting and the expression, and no value of the record."""
    with pytest.raises(MapError) as caught:
        result(expression)

    line = f"`stream_maps.calls.result` cannot be evaluated: {error} in: {expression}"
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cost * 0.92", True),
        ("cost * 0.92 if cost else None", True),
        ("cost or 0", True),
        ("-seconds", True),
        ("round(cost, 2)", True),
        ("record['cost'] + _['seconds']", True),
        ("name * 2", False),
        ("cost if cost else 'none'", False),
        ("None", False),
        ("True", False),
        ("'0.92'", False),
        ("price", False),
        ("cost > 1", False),
        ("(", False),
    ],
)
def test_numeric_expressions_are_recognized(expression: str, *, expected: bool) -> None:
    """A numeric field that is declared as text is rejected by targets, or loaded as text."""
    assert is_number(expression, SCHEMA["properties"]) is expected


def test_a_new_numeric_field_is_declared_as_a_number() -> None:
    """The SCHEMA must match the records."""
    properties = mapped(euros="cost * 0.92", cents="int(cost * 100)").transformed_schema[
        "properties"
    ]

    assert (properties["euros"], properties["cents"]["type"]) == (NUMBER, ["integer", "null"])
