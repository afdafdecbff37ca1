"""Telnyx: its detail records as calls."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest
from sent_records import Reader

from tap_voicecalls.providers.telnyx import TelnyxDetailRecords, normalise

read = Reader(TelnyxDetailRecords)


def call_of(**sent: object) -> dict[str, object]:
    """Return the fields of the call that becomes of a record."""
    return msgspec.structs.asdict(normalise(read(json.dumps({"id": "d-1", **sent}))))


def test_a_webrtc_record() -> None:
    """Each field is the one that the documents name, and the call joins its reports."""
    record = read("""{
        "fs_channel_id": "fs-1", "finished_at": "2026-01-05T08:14:16Z",
        "telnyx_call_control_id": "", "call_sec": 50, "connection_name": "js", "caller_name": "",
        "rate": "0.002", "auth_username": "user01", "dest_number": "+12025550199",
        "cld": "+12025550199", "currency": "USD", "id": "4b67", "payment_method": "rate-deck",
        "direction": "outbound", "cli": "+12025550123", "cost": "0.0020",
        "billing_group_name": "", "telnyx_leg_id": "leg-1", "session_id": "s-1",
        "billed_sec": 60, "record_type": "webrtc_detail_record", "tags": "",
        "call_id": "064d", "billing_group_id": 60, "country_code": 1,
        "telnyx_session_id": "ts-1", "connection_id": "251", "source_country_code": 1,
        "started_at": "2026-01-05T08:13:22Z", "caller_number": "+1202-555-0123"
    }""")

    assert msgspec.structs.asdict(normalise(record)) == {
        "provider": None,
        "account": None,
        "call_id": "064d",
        "stream": None,
        "direction": "outbound",
        "status": "unknown",
        "provider_status": None,
        "channel": "web",
        "from_number": "+12025550123",
        "from_withheld": False,
        "to_number": "+12025550199",
        "agent_id": None,
        "agent_name": None,
        "started_at": "2026-01-05T08:13:22.000000Z",
        "ended_at": "2026-01-05T08:14:16.000000Z",
        "duration_seconds": 50,
        "cost": Decimal("0.0020"),
        "cost_llm": None,
        "cost_tts": None,
        "cost_stt": None,
        "cost_telephony": None,
        "currency": "USD",
        "has_recording": None,
        "has_transcript": None,
    }


@pytest.mark.parametrize("call_id", [None, ""])
def test_a_record_without_a_call_goes_by_its_own_id(call_id: str | None) -> None:
    """Records of other types, which have no `call_id`, are not all one call."""
    assert call_of(call_id=call_id)["call_id"] == "d-1"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("inbound", "inbound"),
        ("outbound", "outbound"),
        ("Inbound", "inbound"),
        ("sideways", "unknown"),
    ],
)
def test_each_direction(word: str, expected: str) -> None:
    """Both directions are understood, and none is guessed at."""
    assert call_of(direction=word)["direction"] == expected


@pytest.mark.parametrize(
    ("record_type", "expected"),
    [
        ("webrtc", "web"),
        ("webrtc_detail_record", "web"),
        ("sip-trunking", "sip"),
        ("sip_trunking_detail_record", "sip"),
        ("call-control", "phone"),
        ("call_control_detail_record", "phone"),
        ("ai-voice-assistant", "unknown"),
        ("conference", "unknown"),
        ("amd", "unknown"),
        ("tts", "unknown"),
        (None, "unknown"),
    ],
)
def test_each_type(record_type: str | None, expected: str) -> None:
    """A type is a channel, where it is one; a service on a call is none."""
    assert call_of(record_type=record_type)["channel"] == expected


@pytest.mark.parametrize(
    ("record_type", "expected"), [("call-control", "sip"), ("webrtc", "web"), ("stt", "unknown")]
)
@pytest.mark.parametrize("end", ["cli", "cld"])
def test_an_address_tells_more_than_the_voice_api(
    record_type: str, expected: str, end: str
) -> None:
    """The Voice API calls SIP addresses too, while a browser that calls one stays a browser."""
    sent = {"record_type": record_type, end: "sip:alice@pbx.example.com"}

    assert call_of(**sent)["channel"] == expected
