"""Text of providers and users in a log: printable, short, without phone numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.safe_text import safe_name, safe_title, safe_word

# Numbers of seven to fifteen digits, with the separators that people and machines use.
PHONE_NUMBERS = st.builds(
    "".join,
    st.lists(
        st.tuples(st.sampled_from("0123456789"), st.sampled_from(["", "", "", " ", "-", ".", ") "]))
        .map("".join)
        .filter(bool),
        min_size=7,
        max_size=15,
    ),
)


@given(st.text(max_size=10), PHONE_NUMBERS, st.text(max_size=10))
def test_a_title_contains_no_phone_number(before: str, number: str, after: str) -> None:
    """A provider may quote a caller's number in an error; it does not get into the log."""
    title = safe_title(f"{before} +({number} {after}")

    assert re.search(r"\d{5}", re.sub(r"[\s().-]", "", title)) is None


@pytest.mark.parametrize(
    "number", ["415/555/2671", "415\u2013555\u20132671", "0612_345_678", "415,555,2671"]
)
def test_a_title_contains_no_number_with_unusual_separators(number: str) -> None:
    """Slashes, long dashes, commas and underscores separate digits too."""
    assert safe_title(f"cannot call {number}") == "cannot call #"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Invalid credentials", "Invalid credentials"),
        ("Unknown number +31 6 1234 5678.", "Unknown number +#"),
        ("Call 550840029441 is gone", "Call # is gone"),
        ("HTTP 404: no such call", "HTTP 404: no such call"),
        ("", ""),
    ],
)
def test_a_title_keeps_its_text_and_short_codes(title: str, expected: str) -> None:
    """The title still says what is wrong."""
    assert expected == safe_title(title)


@pytest.mark.parametrize("code", ["10009", "20100", "90015"])
def test_a_title_keeps_the_error_code(code: str) -> None:
    """Users look up the code in the provider's documentation."""
    assert f"{code} Authentication failed" == safe_title(f"{code} Authentication failed")


@given(st.text(min_size=1, max_size=200))
def test_a_title_is_one_short_line(text: str) -> None:
    """Long text may quote a transcript, and a line break would start a false log line."""
    title = safe_title(text)

    assert len(title) <= 80
    assert len(title.splitlines()) <= 1


def test_a_title_of_up_to_80_characters_is_shown() -> None:
    """A longer one is not shown at all, not even cut."""
    assert safe_title("x" * 80) == "x" * 80
    assert safe_title("x" * 81) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("berlin", "'berlin'"),
        ("a\nERROR b", r"'a\nERROR b'"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("\u202eevil\u200b", r"'\u202eevil\u200b'"),
        ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "'6f9619ff-8b86-d011-b42d-00cf4fc964ff'"),
        ("x" * 41, "'" + "x" * 39 + "…'"),
        (7, "'7'"),
    ],
)
def test_a_name_is_quoted_cut_and_escaped(name: object, expected: str) -> None:
    """A name with a newline or an escape could forge a log line, or hide in one."""
    assert safe_name(name) == expected


@pytest.mark.parametrize("word", ["user_hangup", "Hung up", "error.timeout", "SIP 486", "a/b-c:d"])
def test_a_word_is_shown(word: str) -> None:
    """Users need to see which unknown status a provider sends."""
    assert safe_word(word) == repr(word)


@pytest.mark.parametrize(
    "text",
    [
        "+12025550123",
        "called 202-555-0123",
        "Ann Lee said she would call back",
        "x" * 41,
        "ann@example.com",
        "a\x1bb",
        "é",
        "",
    ],
)
def test_free_text_is_not_shown(text: str) -> None:
    """Free text may be about a person."""
    assert safe_word(text) == f"(a text of {len(text)} characters)"
