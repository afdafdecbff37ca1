"""Phone numbers: one form for all providers, and nothing else becomes a number."""

from __future__ import annotations

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from tap_voicecalls.calls.phone import caller_withheld, channel_of, e164

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
        ("12025550123", "+12025550123"),
        ("447700900123", "+447700900123"),
        ("0012025550123", "+12025550123"),
        ("0044 20 7946 0123", "+442079460123"),
        ("01112025550123", "+12025550123"),
        ("tel:+12025550123", "+12025550123"),
        ("TEL:+1-202-555-0123;ext=7", "+12025550123"),
        ("sip:+12025550123@pbx.example.com", "+12025550123"),
        ("sips:+12025550123@pbx.example.com:5061;transport=tls", "+12025550123"),
        ("sip:12025550123@pbx.example.com;user=phone", "+12025550123"),
        ('"Ada" <sip:+12025550123@pbx.example.com>;tag=1', "+12025550123"),
        ("+1\u00a0202\u202f555\u00a00123", "+12025550123"),
        ("\u202a+12025550123\u202c", "+12025550123"),
        ("\u200b+12025550123\ufeff", "+12025550123"),
        ("+1\u2011202\u2013555\u20130123", "+12025550123"),
        (
            "\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
            "+12025550123",
        ),
        ("+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "+12025550123"),
    ],
)
def test_a_number_has_one_form(text: str, expected: str) -> None:
    """One customer is not two because a provider puts separators or a zero between the digits."""
    assert e164(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@pbx.example.com",
        "sip:12025550123@pbx.example.com",
        "wss://bot.example.com/socket?call=12025550123",
        "alice",
        "private42",
        "1001",
        "tel:911",
        "07911123456",
        "0116 123 4567",
        "+1001",
        "2025550123",
        "+12025550123;ext=7",
        "+1 202 555 0123 x7",
        "+1800FLOWERS",
        "+5550123456789012",
        "+9991234567890",
        "+1",
        "+",
        " 1001 ",
        "1" * 5000,
    ],
)
def test_a_text_that_is_not_a_complete_number_is_unchanged(text: str) -> None:
    """An extension, a user name or an address is not reduced to digits that nobody can call."""
    assert e164(text) == text


@pytest.mark.parametrize("text", [None, "", " "])
@pytest.mark.parametrize("bare", [False, True])
def test_an_empty_text_is_null(text: str | None, *, bare: bool) -> None:
    """A missing number is null, not an empty text that would be counted as a caller."""
    assert e164(text, bare=bare) is None


@pytest.mark.parametrize(
    "text",
    [
        "anonymous",
        " Anonymous ",
        "+anonymous",
        "Restricted",
        "PRIVATE NUMBER",
        "Unknown",
        "unavailable",
        "withheld",
        "Blocked",
        "No Caller ID",
        "no-caller-id",
        "\u200eAnonymous\u200e",
        "+266696687",
        "266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",
        "0000000000",
        "+00000000000",
        "+10000000000",
        "sip:anonymous@anonymous.invalid",
        "sip:restricted@pbx.example.com",
        "sip:c8oqz84zk7z@anonymous.invalid",
        "sip:+266696687@pbx.example.com",
        "unknown@unknown.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1928301774',
    ],
)
def test_a_withheld_number_is_null_and_marked(text: str) -> None:
    """Callers who withhold their number are not counted as one caller."""
    assert (e164(text), e164(text, bare=True), caller_withheld(text)) == (None, None, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+12025550123", False),
        ("alice", False),
        ("1001", False),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_a_number_or_name_is_not_withheld(text: str | None, expected: bool | None) -> None:  # noqa: FBT001
    """A name is not taken for a withheld number, and no caller at all is neither."""
    assert caller_withheld(text) is expected


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
def test_digits_get_a_plus_if_the_provider_omits_it(text: str, expected: str) -> None:
    """The same customer at two providers is one number, and a short code does not become one."""
    assert e164(text, bare=True) == expected


def test_numbers_of_all_countries_and_types_are_recognized() -> None:
    """The fast check knows each country code and length that the library knows."""
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
    """No text ends the run, and a text that changes becomes a number that the library accepts."""
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
def test_the_scheme_of_an_address_gives_the_channel(
    addresses: tuple[str | None, ...], expected: str | None
) -> None:
    """A user named sip is not a SIP address."""
    assert channel_of(*addresses) == expected
