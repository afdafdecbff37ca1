"""Mending: what no reader takes is marked, and nothing else is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.records.json_repair import MOST_LEVELS, UNREADABLE, repaired, split_unreadable
from tap_voicecalls.records.raw_json import decode

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(width=32) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def is_finite(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    """Tell whether a value holds no NaN and no infinity."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@given(VALUES.filter(is_finite), st.sampled_from([None, 1]))
def test_what_can_be_read_is_not_touched(value: object, indent: int | None) -> None:
    """No string that looks like NaN, and no sign in a string, is taken for a value."""
    text = json.dumps(value, indent=indent)

    assert repaired(text) == text


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1))
def test_all_else_of_a_record_stays(record: dict[str, Any]) -> None:
    """Of a record with values that cannot be read each other value is there, and their text."""
    fields = json.loads(repaired(json.dumps(record)))

    readable, marked = split_unreadable(fields)

    assert readable.keys() == record.keys()
    for name, value in record.items():
        if is_finite(value):
            assert (readable[name], name in marked) == (value, False)
        else:
            assert marked[name] == json.loads(json.dumps(value), parse_constant=str)
    assert (UNREADABLE in fields) == (not is_finite(record))


def test_many_values_in_one_object_are_marked_once_each() -> None:
    """The object around them gets its mark once: some readers refuse a key that stands twice."""
    text = repaired('[{"a": NaN, "b": [Infinity, NaN]}, {"a": 1}]')

    assert text.count("null") == 1
    assert json.loads(text)[1] == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "' + r"\"\ufffd" * 100_000,
        "[" * 1_000_000,
        "]" * 1_000_000,
        '"' + "\ufffd" * 1_000_000,
        '{"' + "\ufffd" * 500_000 + '": ' + "9" * 500_000,
    ],
)
def test_the_time_it_takes_grows_with_the_text_and_not_faster(text: str) -> None:
    """A long answer that was cut is refused at once, and does not hang the run."""
    with pytest.raises(ValueError, match=r"."):
        decode(text.encode())


def test_levels_are_counted_from_the_outermost() -> None:
    """The value that is marked is the first that is too deep, and what is beside it stays."""
    text = "[" * (MOST_LEVELS + 5) + "]" * (MOST_LEVELS + 4) + ", 7]"

    value = json.loads(repaired(text))

    assert value[1] == 7
    for _ in range(MOST_LEVELS):
        value = value[0]
    assert value == {UNREADABLE: "[[[[[]]]]]"}


def test_control_characters_in_strings_are_escaped() -> None:
    """A line break that nobody escaped does not stop the account; the text keeps it."""
    text = '{"a\n": "x\ty\x00z",\n"b": NaN, "c": "d"}'

    assert split_unreadable(decode(text.encode())) == (
        {"a\n": "x\ty\ufffdz", "b": None, "c": "d"},
        {"b": "NaN"},
    )
