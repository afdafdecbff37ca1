"""Phone numbers: one form for all providers, and nothing else is taken for a number."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from tap_voicecalls.phone import channel_of, e164

TYPES = PhoneNumberType.values()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+12025550123", "+12025550123"),
        (" +12025550123\n", "+12025550123"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+1.202.555.0123", "+12025550123"),
        ("+44 (0)20 7946 0123", "+442079460123"),
        ("+4402079460123", "+442079460123"),
        ("+390212345678", "+390212345678"),
        ("+80012345678", "+80012345678"),
    ],
)
def test_a_number_has_one_form(text: str, expected: str) -> None:
    """One customer is not two because a provider puts signs, or a zero, between the digits."""
    assert e164(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@pbx.example.com",
        "sip:+12025550123@pbx.example.com",
        "wss://bot.example.com/socket?call=12025550123",
        "alice",
        "anonymous",
        "Restricted",
        "unknown",
        "+anonymous",
        "1001",
        "+1001",
        "2025550123",
        "0044 20 7946 0123",
        "12025550123",
        "+12025550123;ext=7",
        "+1 202 555 0123 x7",
        "+1800FLOWERS",
        "+5550123456789012",
        "+00000000000",
        "+9991234567890",
        "+1",
        "+",
        " 1001 ",
        "+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
        "1" * 5000,
    ],
)
def test_what_is_no_whole_number_stays_as_given(text: str) -> None:
    """An extension, a user name or an address is not cut down to digits that nobody can call."""
    assert e164(text) == text


@pytest.mark.parametrize("text", [None, "", " "])
@pytest.mark.parametrize("bare", [False, True])
def test_no_text_is_no_number(text: str | None, *, bare: bool) -> None:
    """A withheld number is null, not an empty text that would be counted as a caller."""
    assert e164(text, bare=bare) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12025550123", "+12025550123"),
        ("447700900123", "+447700900123"),
        ("4402079460123", "+442079460123"),
        ("+12025550123", "+12025550123"),
        ("12345", "12345"),
        ("1001", "1001"),
        ("12345678", "12345678"),
        ("99999999999", "99999999999"),
        ("1234567890123456", "1234567890123456"),
        ("sip:12025550123@pbx.example.com", "sip:12025550123@pbx.example.com"),
        ("alice", "alice"),
    ],
)
def test_digits_get_a_plus_where_the_provider_leaves_it_out(text: str, expected: str) -> None:
    """The same customer at two providers is one number, and a short code does not become one."""
    assert e164(text, bare=True) == expected


def test_a_number_of_each_country_and_type_is_known() -> None:
    """The quick way knows each country code and length that the library knows."""
    examples = {
        phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in TYPES
        if (number := phonenumbers.example_number_for_type(region, kind))
        and phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    }

    assert len(examples) > 900
    assert [text for text in examples if e164(text) != text] == []
    bare = [text for text in examples if len(text) > 8]
    assert [text for text in bare if e164(text[1:], bare=True) != text] == []


@given(st.text(max_size=45) | st.from_regex(r"\A\s?\+?[0-9 ().-]{0,20}\Z"), st.booleans())
def test_any_text_gives_itself_or_a_possible_number(text: str, bare: bool) -> None:  # noqa: FBT001
    """No text ends the run, and what is changed is a number by the library's own account."""
    found = e164(text, bare=bare)

    if found not in (text, None):
        number = phonenumbers.parse(found)
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.format_number(number, PhoneNumberFormat.E164) == found


def test_the_library_is_not_loaded_to_start_the_tap() -> None:
    """Its tables take longer to load than all else that `--version` and `--discover` need."""
    code = "import sys, tap_voicecalls.tap; sys.exit('phonenumbers' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (("sip:alice@pbx.example.com", "12025550123"), "sip"),
        (("12025550123", "sips:alice@pbx.example.com"), "sip"),
        (("SIP:alice@pbx.example.com", None), "sip"),
        (("ws://bot.example.com", None), "websocket"),
        ((None, " wss://bot.example.com"), "websocket"),
        (("https://example.com", "tel:+12025550123"), None),
        (("sip", "wss"), None),
        ((None, ""), None),
    ],
)
def test_the_scheme_of_an_address_tells_the_channel(
    addresses: tuple[str | None, ...], expected: str | None
) -> None:
    """A user called sip is no SIP address."""
    assert channel_of(*addresses) == expected
