"""Decoding JSON: exact numbers, and text that can be written again."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_voicecalls.records.exact import exact
from tap_voicecalls.records.raw_json import RawJson, decode, is_readable, split

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = st.integers(-(10**40), 10**40) | st.decimals(allow_nan=False, allow_infinity=False)
# Each of these is an escape, half an escape, or the start of one.
SNIPPETS = st.lists(
    st.sampled_from(["\\ud83d", "\\ude00", "\\\\", "\\u0041", "\\uD83D", '\\"', "ud83d", "x", "é"])
).map("".join)


@pytest.mark.parametrize(
    "number",
    [
        "0.1",
        "0.00600000",
        "1.10",
        "0.1234567890123456789012345678901234567890",
        "1E+3",
        "123456789012345678901234567890",
        "-123456789012345678901234567890",
        "18446744073709551616",
    ],
)
def test_numbers_keep_all_digits(number: str) -> None:
    """Amounts and ids do not become floats or machine integers, and keep trailing zeros."""
    assert number == str(decode(number.encode()))


def test_whole_numbers_are_integers_and_fractions_decimals() -> None:
    """A count stays an integer, and nothing becomes a float."""
    assert [int, Decimal, Decimal] == [type(value) for value in decode(b"[1, 1.0, 1e0]")]


@given(NUMBERS)
def test_any_number_is_exact(number: int | Decimal) -> None:
    """A number of any size and scale equals the one that was sent."""
    assert str(number) == str(decode(str(number).encode()))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\uD83D\uDE00"', "😀"),
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00"', "\ufffd"),
        (rb'"\ud83dx"', "\ufffdx"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (rb'"\ud83d\n"', "\ufffd\n"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"\\ud83d \ud83d"', "\\ud83d \ufffd"),
        (rb'"\\\ud83d"', "\\\ufffd"),
        (rb'"\\\\ud83d \ud83d"', "\\\\ud83d \ufffd"),
        (rb'{"\udc00": 1}', {"\ufffd": 1}),
        (rb'{"a\u0000": ["\u0000b"]}', {"a\ufffd": ["\ufffdb"]}),
        (rb'"\\u0000"', r"\u0000"),
    ],
)
def test_only_lone_surrogates_are_replaced(body: bytes, expected: object) -> None:
    """Surrogate pairs and escaped backslashes stay what they are."""
    assert expected == decode(body)


@given(SNIPPETS)
def test_repaired_text_equals_that_of_a_lenient_reader(text: str) -> None:
    """Any mix of escapes is read as by Python's own reader, but lone surrogates are replaced."""
    lenient = json.loads(f'"{text}"')

    expected = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in lenient)
    assert expected == decode(f'"{text}"'.encode())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'"caf\xe9"', "caf\ufffd"),
        (b'{"a": "\xff", "b": 0.10}', {"a": "\ufffd", "b": Decimal("0.10")}),
        (b'"\xff \\ud83d"', "\ufffd \ufffd"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"a\\u0000b"', "a\ufffdb"),
        (b"null", None),
    ],
)
def test_bytes_that_are_not_utf8_are_replaced(body: bytes, expected: object) -> None:
    """One broken character does not lose the response, nor do a BOM or a NUL."""
    assert expected == decode(body)


@example("")
@given(st.recursive(st.none() | st.booleans() | NUMBERS | st.text(), st.lists, max_leaves=5))
def test_decoded_text_can_be_written(value: object) -> None:
    """Text decoded from any JSON, lone surrogates included, can be encoded as UTF-8."""
    body = json.dumps(value, default=str)

    written = json.dumps(decode(body.encode()), ensure_ascii=False, default=str)
    assert written.encode()


VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@given(value=VALUES)
def test_undecoded_values_are_in_one_line(
    *, value: object, indent: int | None, line_end: str
) -> None:
    """A response printed over many lines does not break the line of its record."""
    body = json.dumps({"kept": value}, indent=indent, default=str).replace("\n", line_end).encode()

    whole, parts = split(body)

    assert isinstance(parts, dict)
    for sent in (bytes(whole), bytes(parts["kept"])):
        assert not set(b"\r\n") & set(sent)
    assert decode(body) == decode(bytes(whole)) == {"kept": decode(bytes(parts["kept"]))}


@pytest.mark.parametrize("body", [b'{"a": {"b": "caf\xe9"}}', rb'{"a": {"b": "caf\ud83d"}}'])
def test_undecoded_values_can_be_written(body: bytes) -> None:
    """Text that is never decoded is repaired as well: a target could not read the line."""
    _, parts = split(body)

    assert isinstance(parts, dict)
    assert decode(bytes(parts["a"])) == {"b": "caf\ufffd"}
    assert bytes(parts["a"]).decode()


def test_undecoded_numbers_are_not_rewritten() -> None:
    """Values that are never decoded keep even their zeros."""
    _, parts = split(b'[{"price": 0.00000000}, 1e5]')

    assert list(map(RawJson, [b'{"price": 0.00000000}', b"1e5"])) == parts


@pytest.mark.parametrize("body", [b"null", b" 5 ", b'"text"'])
def test_a_bare_value_has_no_parts(body: bytes) -> None:
    """A response that is a bare value is JSON, and no reason to retry."""
    whole, parts = split(body)

    assert (bytes(whole), parts) == (body.strip(), {})


NO_JSON = pytest.mark.parametrize("read", [decode, split])


@NO_JSON
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b'{"records": [{"id": "1"}, {"id"',
        b'{"records": []',
        b'"\\ud83',
        b"<!doctype html><html><body>502</body></html>",
        b"{'id': 1}",
        b'{"id": Infinit}',
        b'{"id": nan}',
        b"[NaN",
        b'{"id": 1} trailing',
        b"\xff\xfe{\x00}\x00",
    ],
)
def test_invalid_json_is_a_value_error(body: bytes, read: Callable[[bytes], object]) -> None:
    """A truncated response or an error page is not taken for an empty or shorter response."""
    with pytest.raises(ValueError, match=r"."):
        read(body)


@pytest.mark.parametrize("body", [pytest.param(b"[" * 100_000, id="nested too deeply, and cut")])
def test_json_out_of_bounds_is_a_value_error(body: bytes) -> None:
    """JSON that no decoder can hold raises the one error that callers catch."""
    with pytest.raises(ValueError, match=r"."):
        decode(body)


DIGITS = st.integers(0, 700).map(lambda count: "7" * count)


@given(
    whole=DIGITS,
    places=DIGITS,
    exponent=st.sampled_from(["", "e9", "E-9", "e10", "e-290", "E+299"]),
    small=st.booleans(),
)
@example(whole="7" * 292, places="", exponent="e9", small=False)
@example(whole="", places="7", exponent="e-300", small=False)
def test_a_number_is_readable_if_it_can_be_decoded(
    *, whole: str, places: str, exponent: str, small: bool
) -> None:
    """A number out of range does not stay as sent in a free-form object, however it is written."""
    places = "0" * 280 + places if small else places
    number = f"{whole or 0}{'.' * bool(places)}{places}{exponent}"
    body = f'{{"note": "7e5", "n": [{number}]}}'.encode()
    try:
        msgspec.json.Decoder(float_hook=exact).decode(body)
    except (ArithmeticError, ValueError):
        assert not is_readable(body)
    else:
        assert is_readable(body)
