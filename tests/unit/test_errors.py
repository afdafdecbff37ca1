"""The words of errors: what to check, and nothing of anyone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.errors import advice, phrase, safe_title

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
    ("status", "named"),
    [
        (401, "`vonage.api_key` and `vonage.api_secret`"),
        (403, "`vonage.api_key` and `vonage.api_secret`"),
        (404, "`vonage.base_url`"),
        (422, "`vonage`"),
    ],
)
def test_advice_names_the_setting_to_check(status: int, named: str) -> None:
    """Each refusal names the setting that is likely to be wrong, as the user wrote it."""
    assert named in advice(
        status, provider="vonage", keys="`vonage.api_key` and `vonage.api_secret`"
    )


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "404 Not Found"), (503, "503 Service Unavailable"), (520, "520")]
)
def test_a_status_is_named(status: int, expected: str) -> None:
    """A status of no standard, as proxies send, is shown as it is instead of failing."""
    assert expected == phrase(status)
