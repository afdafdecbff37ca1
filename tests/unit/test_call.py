"""Normalized calls: what each provider makes of a record fits the schema."""

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
    """A field in only one of them is a column that is never filled, or an invalid record."""
    assert list(Call.__struct_fields__) == list(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("field", "vocabulary"), [("direction", Direction), ("status", Status), ("channel", Channel)]
)
def test_enumerations_are_those_of_the_schema(field: str, vocabulary: object) -> None:
    """Targets that validate refuse a value that is in only one of them."""
    assert list(get_args(vocabulary)) == SCHEMA["properties"][field]["enum"]


def test_an_empty_call_is_valid_only_with_its_key() -> None:
    """The defaults, null and unknown, are allowed by the schema."""
    validator = Draft202012Validator(SCHEMA)
    call = Call(provider="burki", account="default", call_id="1")

    assert validator.is_valid(msgspec.to_builtins(call))
    assert not validator.is_valid(msgspec.to_builtins(Call()))


@each_feed
@given(data=st.data())
@settings(phases=[Phase.generate])  # the first failure is enough, and finding the smallest is slow
def test_any_record_gives_a_valid_call(stream: str, data: st.DataObject) -> None:
    """Any record that a provider sends becomes a valid call, and none of its numbers is a float."""
    read, normalize = FEEDS[stream]
    sent = data.draw(RECORDS[stream]) | KEYS[stream]

    call = normalize(read(encode(sent)))

    if call is None:
        return  # a record of a charge that is not for a call
    written = decode(encode(msgspec.structs.replace(call, provider="p", account="a", stream="s")))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(written)] == []
    assert {type(getattr(call, name)) for name in NUMBERS} <= {int, Decimal, type(None)}


@each_feed
def test_an_empty_record_gives_a_call_with_only_its_key(stream: str) -> None:
    """A record without fields is not an error, and nothing in the call is guessed."""
    read, normalize = FEEDS[stream]

    call = normalize(read(encode(KEYS[stream])))

    assert call is not None
    # Where a stream has fields for them, empty fields say that there is none.
    has = False if stream in {"voicy_call_details", "ovia_calls"} else None
    assert call == Call(call_id=call.call_id, has_recording=has, has_transcript=has)
    assert call.call_id == str(*KEYS[stream].values())


@pytest.mark.parametrize("value", ["mo", "MO", " mo\n", "Mo"])
def test_a_value_is_mapped_in_any_case(value: str) -> None:
    """A provider that starts to send capitals does not turn all calls unknown."""
    assert normalize_enum({"mo": "inbound"}, value) == "inbound"


@pytest.mark.parametrize("value", [None, "", "m o", "mt"])
def test_an_unmapped_value_is_unknown(value: str | None) -> None:
    """A new value is not taken for a similar one."""
    assert normalize_enum({"mo": "inbound"}, value) == "unknown"


@pytest.mark.parametrize(
    ("text", "expected"), [("usd", "USD"), (" EUR ", "EUR"), ("", None), (" ", None), (None, None)]
)
def test_a_currency_has_one_form(text: str | None, expected: str | None) -> None:
    """Costs in usd and in USD have one sum."""
    assert currency_code(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(17, "17"), (0, "0"), ("a", "a"), ("", None), (None, None)]
)
def test_an_identifier_is_text(value: int | str | None, expected: str | None) -> None:
    """Providers with numbers as ids and providers with texts share a column."""
    assert identifier(value) == expected
