"""Repairing JSON: unreadable values are marked, and nothing else changes."""

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
    """Return whether a value contains no NaN and no infinity."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@given(VALUES.filter(is_finite), st.sampled_from([None, 1]))
def test_readable_json_is_not_changed(value: object, indent: int | None) -> None:
    """A string that looks like NaN, or contains brackets, is not taken for a value."""
    text = json.dumps(value, indent=indent)

    assert repaired(text) == text


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1))
def test_readable_values_of_a_record_are_kept(record: dict[str, Any]) -> None:
    """A record with unreadable values keeps all others, and the text of the unreadable ones."""
    fields = json.loads(repaired(json.dumps(record)))

    readable, marked = split_unreadable(fields)

    assert readable.keys() == record.keys()
    for name, value in record.items():
        if is_finite(value):
            assert (readable[name], name in marked) == (value, False)
        else:
            assert marked[name] == json.loads(json.dumps(value), parse_constant=str)
    assert (UNREADABLE in fields) == (not is_finite(record))


def test_an_object_with_several_unreadable_values_has_one_mark() -> None:
    """Some readers refuse a key that occurs twice."""
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
def test_repairing_takes_linear_time(text: str) -> None:
    """A long truncated response is refused at once and does not hang the run."""
    with pytest.raises(ValueError, match=r"."):
        decode(text.encode())


def test_levels_are_counted_from_the_outermost() -> None:
    """The first value that is too deep is marked, and its neighbours are kept."""
    text = "[" * (MOST_LEVELS + 5) + "]" * (MOST_LEVELS + 4) + ", 7]"

    value = json.loads(repaired(text))

    assert value[1] == 7
    for _ in range(MOST_LEVELS):
        value = value[0]
    assert value == {UNREADABLE: "[[[[[]]]]]"}


def test_control_characters_in_strings_are_escaped() -> None:
    """A line break that is not escaped does not stop the account; the text keeps it."""
    text = '{"a\n": "x\ty\x00z",\n"b": NaN, "c": "d"}'

    assert split_unreadable(decode(text.encode())) == (
        {"a\n": "x\ty\ufffdz", "b": None, "c": "d"},
        {"b": "NaN"},
    )
