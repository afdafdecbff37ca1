"""Calls in one vocabulary: what each room makes of a record is what the schema declares."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from registry import schema_of
from sent_records import RECORDS, Reader

from tap_voicecalls.calls.call import (
    Call,
    Channel,
    Direction,
    Status,
    currency_code,
    identifier,
    normalize_enum,
)
from tap_voicecalls.providers import burki, ovia, telnyx, voicy, vonage
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from sent_records import Record

SCHEMA = schema_of("calls")
FEEDS: dict[str, tuple[Reader, Callable[[Any], Call | None]]] = {
    "vonage_voice_reports": (Reader(vonage.VonageVoiceReports), vonage.normalize),
    "voicy_calls": (Reader(voicy.VoicyCalls), voicy.normalize),
    "voicy_call_details": (Reader(voicy.VoicyCallDetails), voicy.normalize),
    "telnyx_detail_records": (Reader(telnyx.TelnyxDetailRecords), telnyx.normalize),
    "burki_calls": (Reader(burki.BurkiCalls), burki.normalize),
    "ovia_calls": (Reader(ovia.OviaCalls), ovia.normalize),
}
KEYS: dict[str, Record] = {
    "vonage_voice_reports": {"id": "a"},
    "voicy_calls": {"call_id": "a"},
    "voicy_call_details": {"call_id": "a"},
    "telnyx_detail_records": {"id": "a"},
    "burki_calls": {"id": 1},
    "ovia_calls": {"id": "a"},
}
NUMBERS = {"duration_seconds", "cost", "cost_llm", "cost_tts", "cost_stt", "cost_telephony"}
each_feed = pytest.mark.parametrize("stream", FEEDS)


def test_call_has_the_fields_of_the_schema_in_its_order() -> None:
    """A field of one and not of the other is a column that nobody fills, or an invalid record."""
    assert list(Call.__struct_fields__) == list(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("field", "vocabulary"), [("direction", Direction), ("status", Status), ("channel", Channel)]
)
def test_vocabularies_are_those_of_the_schema(field: str, vocabulary: object) -> None:
    """A word of one and not of the other is refused by targets that validate."""
    assert list(get_args(vocabulary)) == SCHEMA["properties"][field]["enum"]


def test_a_call_of_which_nothing_is_told_is_unknown() -> None:
    """What is null and what is unknown by default is what the schema allows."""
    validator = Draft202012Validator(SCHEMA)
    call = Call(provider="burki", account="default", call_id="1")

    assert validator.is_valid(msgspec.to_builtins(call))
    assert not validator.is_valid(msgspec.to_builtins(Call()))


@each_feed
@given(data=st.data())
@settings(phases=[Phase.generate])  # the first bad record says enough, the smallest takes long
def test_any_record_gives_a_valid_call(stream: str, data: st.DataObject) -> None:
    """Whatever a provider sends, its call is one, and none of its numbers is a float."""
    read, normalize = FEEDS[stream]
    sent = data.draw(RECORDS[stream]) | KEYS[stream]

    call = normalize(read(encode(sent)))

    if call is None:
        return  # what a provider charges for beside a call
    written = decode(encode(msgspec.structs.replace(call, provider="p", account="a", stream="s")))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(written)] == []
    assert {type(getattr(call, name)) for name in NUMBERS} <= {int, Decimal, type(None)}


@each_feed
def test_an_empty_record_gives_a_call_of_its_key_alone(stream: str) -> None:
    """A record of which all is missing is no fault of the run, and no guess stands in the row."""
    read, normalize = FEEDS[stream]

    call = normalize(read(encode(KEYS[stream])))

    assert call is not None
    # Where a stream has a place for them, that it is empty says something.
    has = False if stream in {"voicy_call_details", "ovia_calls"} else None
    assert call == Call(call_id=call.call_id, has_recording=has, has_transcript=has)
    assert call.call_id == str(*KEYS[stream].values())


@pytest.mark.parametrize("word", ["mo", "MO", " mo\n", "Mo"])
def test_a_word_is_known_in_any_case(word: str) -> None:
    """A provider that begins to write its words in capitals does not turn all calls unknown."""
    assert normalize_enum({"mo": "inbound"}, word) == "inbound"


@pytest.mark.parametrize("word", [None, "", "m o", "mt"])
def test_a_word_that_nobody_knows_is_unknown(word: str | None) -> None:
    """A new word is not taken for one that looks like it."""
    assert normalize_enum({"mo": "inbound"}, word) == "unknown"


@pytest.mark.parametrize(
    ("text", "expected"), [("usd", "USD"), (" EUR ", "EUR"), ("", None), (" ", None), (None, None)]
)
def test_a_currency_has_one_form(text: str | None, expected: str | None) -> None:
    """Costs in usd and in USD are one sum."""
    assert currency_code(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(17, "17"), (0, "0"), ("a", "a"), ("", None), (None, None)]
)
def test_an_identifier_is_text(value: int | str | None, expected: str | None) -> None:
    """Providers that count their calls and those that name them share a column."""
    assert identifier(value) == expected
