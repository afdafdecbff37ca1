"""Names and words of others in a log: printable, short, in quotes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.safe_text import safe_name, safe_title, safe_word

# How people and machines write a number of seven to fifteen digits.
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
def test_no_phone_number_is_left_in_a_title(before: str, number: str, after: str) -> None:
    """A provider that quotes a caller's number does not bring it into the log."""
    title = safe_title(f"{before} +({number} {after}")

    assert re.search(r"\d{5}", re.sub(r"[\s().-]", "", title)) is None


@pytest.mark.parametrize(
    "number", ["415/555/2671", "415\u2013555\u20132671", "0612_345_678", "415,555,2671"]
)
def test_no_oddly_written_number_is_left_in_a_title(number: str) -> None:
    """A number divided by a slash, a long dash, a comma or a low line is a number, too."""
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
def test_a_title_keeps_its_words(title: str, expected: str) -> None:
    """What is wrong can still be read, short codes included."""
    assert expected == safe_title(title)


@pytest.mark.parametrize("code", ["10009", "20100", "90015"])
def test_a_title_keeps_the_providers_own_code(code: str) -> None:
    """The code by which a user finds the error in the provider's documents is in the message."""
    assert f"{code} Authentication failed" == safe_title(f"{code} Authentication failed")


@given(st.text(min_size=1, max_size=200))
def test_a_title_is_one_short_line(text: str) -> None:
    """Long text, which may quote a transcript, is left out, and no line break fakes a log line."""
    title = safe_title(text)

    assert len(title) <= 80
    assert len(title.splitlines()) <= 1


def test_the_longest_title_that_is_shown() -> None:
    """A title of up to 80 letters is shown whole, and a longer one not at all, not even cut."""
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
def test_a_name_is_one_short_printable_text(name: object, expected: str) -> None:
    """A name with a newline or an escape forges lines of a log, or hides in them."""
    assert safe_name(name) == expected


@pytest.mark.parametrize("word", ["user_hangup", "Hung up", "error.timeout", "SIP 486", "a/b-c:d"])
def test_a_word_is_shown(word: str) -> None:
    """Who sees a status that nobody knows wants to know which."""
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
def test_what_looks_like_free_text_is_not_shown(text: str) -> None:
    """A status of free text may be about a person, who has no place in a log."""
    assert safe_word(text) == f"(a text of {len(text)} characters)"
