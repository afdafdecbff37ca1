"""Telnyx: its detail records as calls."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest
from sent_records import EMPTY_CALL, Reader

from tap_voicecalls.providers.telnyx import TelnyxDetailRecords, normalize

read = Reader(TelnyxDetailRecords)


def call_of(**sent: object) -> dict[str, object]:
    """Return the fields of the leg made from a record."""
    leg = normalize(read(json.dumps({"id": "d-1", **sent})))
    assert leg is not None
    return msgspec.structs.asdict(leg)


def test_a_webrtc_record() -> None:
    """Each field comes from the documented one, and the call is that of its session."""
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

    leg = normalize(record)

    assert leg is not None
    assert msgspec.structs.asdict(leg) == EMPTY_CALL | {
        "provider": None,
        "account": None,
        "call_id": "ts-1",
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
        "billed_seconds": 60,
        "has_transcript": None,
    }


@pytest.mark.parametrize("call_id", [None, ""])
def test_a_record_without_a_session_is_a_call_by_its_own_id(call_id: str | None) -> None:
    """Records that name no session and no call are not all one call."""
    assert call_of(call_id=call_id)["call_id"] == "d-1"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"telnyx_session_id": "s", "call_session_id": "t", "call_id": "c"}, "s"),
        ({"call_session_id": "t", "call_id": "c"}, "t"),
        ({"telnyx_session_id": "", "call_id": "c", "telnyx_leg_id": "l"}, "c"),
        ({"telnyx_leg_id": "l"}, "l"),
    ],
)
def test_the_call_id_of_a_leg_is_its_session(sent: dict[str, str], expected: str) -> None:
    """Legs that go by ids of their own would be several calls, each with a part of the cost."""
    assert call_of(**sent)["call_id"] == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"connected": True, "hangup_cause": "NORMAL_CLEARING"}, "completed"),
        ({"connected": 1, "hangup_cause": "USER_BUSY"}, "completed"),
        ({"answered_at": "2026-01-05T08:00:00Z"}, "completed"),
        ({"hangup_cause": "NORMAL_CLEARING"}, "completed"),
        ({"hangup_cause": "time_limit"}, "completed"),
        ({"connected": 0, "hangup_cause": "ORIGINATOR_CANCEL"}, "canceled"),
        ({"connected": False, "hangup_cause": "USER_BUSY"}, "busy"),
        ({"hangup_cause": "user_busy"}, "busy"),
        ({"connected": 0, "hangup_cause": "NO_ANSWER"}, "no_answer"),
        ({"connected": 0, "hangup_cause": "NO_USER_RESPONSE"}, "no_answer"),
        ({"connected": 0, "hangup_cause": "NORMAL_CLEARING"}, "no_answer"),
        ({"connected": 0, "hangup_cause": "CALL_REJECTED"}, "failed"),
        ({"connected": 0, "hangup_cause": "UNALLOCATED_NUMBER"}, "failed"),
        ({"connected": 0, "hangup_cause": "SOLAR_FLARE"}, "failed"),
        ({"connected": 0}, "failed"),
        ({"hangup_cause": "SOLAR_FLARE"}, "unknown"),
        ({"hangup_cause": ""}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_the_status_of_a_leg(sent: dict[str, object], expected: str) -> None:
    """Whether somebody answered comes first, then why it ended; nothing is guessed at."""
    leg = call_of(**sent)

    assert leg["status"] == expected
    assert leg["provider_status"] == (sent.get("hangup_cause") or None)


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
    """Both directions are mapped, and others are unknown."""
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
        ("ai_voice_assistant_detail_record", "unknown"),
        (None, "unknown"),
    ],
)
def test_each_type(record_type: str | None, expected: str) -> None:
    """Types are mapped to channels; others are unknown."""
    assert call_of(record_type=record_type)["channel"] == expected


@pytest.mark.parametrize(
    "record_type",
    [
        *("amd", "amd_detail_record", "recording", "stt", "speech-to-text", "tts", "conference"),
        *("text-to-speech", "conference-participant", "media-streaming", "noise-suppression"),
        *("inference", "messaging", "message_detail_record", "verify", "fax", "media_storage"),
    ],
)
def test_services_are_not_calls(record_type: str) -> None:
    """A service of a call counted as a call of its own would multiply the calls."""
    sent = {"id": "d-1", "record_type": record_type, "cli": "a", "cld": "b", "call_sec": 3}

    assert normalize(read(json.dumps(sent))) is None


def test_a_record_of_an_unknown_type_is_a_call_if_it_looks_like_one() -> None:
    """A kind of call that Telnyx adds one day is not passed over, nor is a new service counted."""
    ends = {"caller_number": "+12025550101", "dest_number": "+12025550102"}

    assert call_of(record_type="hologram", call_sec=3, **ends)["to_number"] == "+12025550102"
    assert normalize(read(json.dumps({"id": "d-1", "record_type": "hologram", **ends}))) is None
    assert normalize(read('{"id": "d-1", "record_type": "hologram", "call_sec": 3}')) is None


@pytest.mark.parametrize(("record_type", "expected"), [("call-control", "sip"), ("webrtc", "web")])
@pytest.mark.parametrize("end", ["cli", "cld"])
def test_the_address_decides_the_channel_of_the_voice_api(
    record_type: str, expected: str, end: str
) -> None:
    """The Voice API calls SIP addresses too, while a browser that calls one stays a browser."""
    sent = {"record_type": record_type, end: "sip:alice@pbx.example.com"}

    assert call_of(**sent)["channel"] == expected
