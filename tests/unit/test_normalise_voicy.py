"""Voicy: its calls, of the list and in detail, in the words of all providers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from sent_records import EMPTY_CALL, Reader

from tap_voicecalls.providers.voicy import VoicyCallDetails, VoicyCalls, normalize

if TYPE_CHECKING:
    from collections.abc import Callable

read, read_details = Reader(VoicyCalls), Reader(VoicyCallDetails)

CALL = """
    "call_id": "0c9d5f3e-0000-4000-8000-000000000001", "call_type": "phone_call",
    "call_status": "user_hangup",
    "agent": {"id": "b7-1", "name": "Front desk", "version": 3},
    "account": {"id": "ac-1", "name": "Example Ltd"},
    "from_number": "+12025550123", "to_number": "+44 20 7946 0123", "direction": "incoming",
    "start_timestamp": 1767600802000, "duration_ms": 65500,
    "call_cost": {"combined_cost": 0.1250, "currency": "usd"}
"""
EXPECTED = EMPTY_CALL | {
    "provider": None,
    "account": None,
    "call_id": "0c9d5f3e-0000-4000-8000-000000000001",
    "stream": None,
    "direction": "inbound",
    "status": "completed",
    "provider_status": "user_hangup",
    "channel": "phone",
    "from_number": "+12025550123",
    "from_withheld": False,
    "to_number": "+442079460123",
    "agent_id": "b7-1",
    "agent_name": "Front desk",
    "started_at": "2026-01-05T08:13:22.000000Z",
    "ended_at": "2026-01-05T08:14:27.500000Z",
    "duration_seconds": Decimal("65.5"),
    "cost": Decimal("0.1250"),
    "cost_llm": None,
    "cost_tts": None,
    "cost_stt": None,
    "cost_telephony": None,
    "currency": "USD",
    "has_recording": None,
    "end_reason": "caller_hangup",
    "provider_end_reason": "user_hangup",
    "ended_by": "caller",
    "agent_version": "3",
    "has_transcript": None,
}


def call_of(**sent: object) -> dict[str, object]:
    """Return the fields of the call made from a record of the list."""
    return msgspec.structs.asdict(normalize(read(json.dumps({"call_id": "c-1", **sent}))))


def details_of(**sent: object) -> dict[str, object]:
    """Return the fields of the call made from the details of a call."""
    return msgspec.structs.asdict(normalize(read_details(json.dumps({"call_id": "c-1", **sent}))))


def test_a_call_of_the_list() -> None:
    """Each field comes from the documented one; what the list leaves out is not denied."""
    assert msgspec.structs.asdict(normalize(read(f"{{{CALL}}}"))) == EXPECTED


def test_a_call_in_detail() -> None:
    """The details give the same call, and whether it has a recording and a transcript."""
    record = read_details(f"""{{{CALL},
        "transcript": [{{"role": "agent", "content": "Hello.", "timestamp_ms": 0}}],
        "detected_gender": null, "summary": "Short.", "vars_provided": {{}},
        "recording_url": "https://recordings.example.com/1.mp3?signature=1"
    }}""")

    expected = EXPECTED | {
        "has_recording": True,
        "has_transcript": True,
        "summary": "Short.",
    }
    assert msgspec.structs.asdict(normalize(record)) == expected


@pytest.mark.parametrize("nothing", [None, ""])
def test_details_without_a_recording_have_none(nothing: str | None) -> None:
    """No recording (false) differs from an unknown one (null), as in the list."""
    call = details_of(recording_url=nothing, transcript=[] if nothing == "" else None)

    assert (call["has_recording"], call["has_transcript"]) == (False, False)


@pytest.mark.parametrize("spelt", [str, str.upper, " {} ".format])
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("initiated", "in_progress"),
        ("ringing", "in_progress"),
        ("ongoing", "in_progress"),
        ("user_hangup", "completed"),
        ("agent_hangup", "completed"),
        ("inactivity", "completed"),
        ("error_inactivity", "completed"),
        ("busy", "busy"),
        ("no_answer", "no_answer"),
        ("error", "failed"),
        ("canceled", "canceled"),
        ("in_progress", "in_progress"),
        ("ended", "completed"),
        ("paused", "unknown"),
    ],
)
def test_each_status(word: str, expected: str, spelt: Callable[[str], str]) -> None:
    """Documented statuses are mapped; others stay unknown, with the provider's status."""
    call = call_of(call_status=spelt(word))

    assert (call["status"], call["provider_status"]) == (expected, spelt(word))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("incoming", "inbound"),
        ("outgoing", "outbound"),
        ("inbound", "inbound"),
        ("outbound", "outbound"),
        ("Incoming", "inbound"),
        ("sideways", "unknown"),
    ],
)
def test_each_direction(word: str, expected: str) -> None:
    """Both forms of the API are understood."""
    assert call_of(direction=word)["direction"] == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("phone_call", "phone"), ("web_call", "web"), ("Web_Call", "web"), ("video", "unknown")],
)
def test_each_type(word: str, expected: str) -> None:
    """Calls of browsers and of telephones have different channels."""
    call = call_of(call_type=word, from_number=None, to_number="")

    assert call["channel"] == expected
    assert (call["from_number"], call["to_number"]) == (None, None)


@pytest.mark.parametrize(
    ("millis", "seconds", "end"),
    [
        (None, None, None),
        (0, Decimal(0), "2026-01-05T08:13:22.000000Z"),
        (1, Decimal("0.001"), "2026-01-05T08:13:22.001000Z"),
        (60000, Decimal(60), "2026-01-05T08:14:22.000000Z"),
        (10**30 + 1, Decimal("1000000000000000000000000000.001"), None),
    ],
)
def test_a_length_is_exact(millis: int | None, seconds: Decimal | None, end: str | None) -> None:
    """No float comes between milliseconds and seconds, and a running call has no end."""
    call = call_of(start_timestamp=1767600802000, duration_ms=millis)

    assert (call["duration_seconds"], call["ended_at"]) == (seconds, end)


@pytest.mark.parametrize("word", ["initiated", "ringing", "ongoing", "in_progress"])
def test_a_running_call_is_read_again(word: str) -> None:
    """A call whose row says that it runs is one that the stream waits for, older words too."""
    record = read(json.dumps({"call_id": "c-1", "call_status": word}))
    stream = VoicyCalls.__new__(VoicyCalls)  # no tap: nothing but the record counts

    assert normalize(record).status == "in_progress"
    assert stream.is_running(record)


@pytest.mark.parametrize("nothing", [None, {}], ids=["null", "empty"])
def test_a_call_without_agent_and_cost(nothing: dict[str, object] | None) -> None:
    """Objects that are null, or empty, leave their fields null."""
    call = call_of(agent=nothing, call_cost=nothing)

    names = ("agent_id", "agent_name", "cost", "currency")
    assert [call[name] for name in names] == [None] * 4
