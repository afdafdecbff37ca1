"""Ovia: its calls in the words of all providers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from sent_records import EMPTY_CALL, Reader

from tap_voicecalls.providers.ovia import OviaCalls, normalize

if TYPE_CHECKING:
    from collections.abc import Callable

read = Reader(OviaCalls)


def call_of(**sent: object) -> dict[str, object]:
    """Return the fields of the call made from a record."""
    return msgspec.structs.asdict(normalize(read(json.dumps({"id": "o-1", **sent}))))


def test_a_call() -> None:
    """Each field comes from the documented one, and costs get no unit that nobody stated."""
    record = read("""{
        "user_id": "u-1", "agent_id": "a-1", "type": "phone_call", "direction": "inbound",
        "from_number": "+33 6 39 98 01 23", "to_number": "+12025550199",
        "phone_number_id": "p-1", "id": "o-77", "status": "completed",
        "started_at": "2026-01-05T08:13:22Z", "ended_at": "2026-01-05T08:14:27Z",
        "recording_url": "https://recordings.example.com/1.ogg", "transcript": "Hello.",
        "duration": 65, "analysis": null, "latency_metrics": null,
        "created_at": "2026-01-05T08:13:21Z", "updated_at": "2026-01-05T08:14:30Z",
        "agent": {"name": "Accueil"},
        "metadata": {"rule_id": null, "call_tag": "", "call_id_full": "o-77-full"},
        "costs": {"llm": 0.0120, "stt": 3, "tts": 0.024, "total": 3.036,
                  "details": {"tts_characters": 585}},
        "transcript_objects": [{"content": "Hello.", "timestamp": "2026-01-05T08:13:23Z"}]
    }""")

    assert msgspec.structs.asdict(normalize(record)) == EMPTY_CALL | {
        "provider": None,
        "account": None,
        "call_id": "o-77",
        "stream": None,
        "direction": "inbound",
        "status": "completed",
        "provider_status": "completed",
        "channel": "phone",
        "from_number": "+33639980123",
        "from_withheld": False,
        "to_number": "+12025550199",
        "agent_id": "a-1",
        "agent_name": "Accueil",
        "started_at": "2026-01-05T08:13:22.000000Z",
        "ended_at": "2026-01-05T08:14:27.000000Z",
        "duration_seconds": 65,
        "cost": Decimal("3.036"),
        "cost_llm": Decimal("0.0120"),
        "cost_tts": Decimal("0.024"),
        "cost_stt": 3,
        "cost_telephony": None,
        "currency": None,
        "has_recording": True,
        "end_reason": "completed",
        "updated_at": "2026-01-05T08:14:30.000000Z",
        "has_transcript": True,
    }


@pytest.mark.parametrize("spelt", [str, str.upper, " {} ".format])
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("completed", "completed"),
        ("ended", "completed"),
        ("failed", "failed"),
        ("busy", "busy"),
        ("no_answer", "no_answer"),
        ("no-answer", "no_answer"),
        ("canceled", "canceled"),
        ("cancelled", "canceled"),
        ("in_progress", "in_progress"),
        ("in-progress", "in_progress"),
        ("ongoing", "in_progress"),
        ("ringing", "in_progress"),
        ("paused", "unknown"),
    ],
)
def test_each_status(word: str, expected: str, spelt: Callable[[str], str]) -> None:
    """Plain statuses are mapped; others stay unknown, with the provider's status."""
    call = call_of(status=spelt(word))

    assert (call["status"], call["provider_status"]) == (expected, spelt(word))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("inbound", "inbound"),
        ("outbound", "outbound"),
        ("Outbound", "outbound"),
        ("sideways", "unknown"),
    ],
)
def test_each_direction(word: str, expected: str) -> None:
    """Both directions are mapped, and others are unknown."""
    assert call_of(direction=word)["direction"] == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("phone_call", "phone"), ("web_call", "web"), ("Phone_Call", "phone"), ("video", "unknown")],
)
def test_each_type(word: str, expected: str) -> None:
    """Types are mapped to channels; others are unknown."""
    assert call_of(type=word)["channel"] == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, False),
        ({"transcript": "", "transcript_objects": []}, False),
        ({"transcript": "Hello."}, True),
        ({"transcript_objects": [{"content": "Hello."}]}, True),
    ],
)
def test_text_or_messages_count_as_a_transcript(sent: dict[str, object], *, expected: bool) -> None:
    """A call whose transcript is sent message by message only has one."""
    assert call_of(**sent)["has_transcript"] is expected


def test_a_missing_id_is_filled_from_the_metadata() -> None:
    """The key of the row and that of the call are one."""
    record = read('{"metadata": {"call_id_full": "o-77-full"}}')

    assert normalize(record).call_id == "o-77-full"


@pytest.mark.parametrize("nothing", [None, {}], ids=["null", "empty"])
def test_a_call_without_agent_and_costs(nothing: dict[str, object] | None) -> None:
    """Objects that are null, or empty, leave their fields null."""
    call = call_of(agent=nothing, costs=nothing)

    names = ("agent_name", "cost", "cost_llm", "cost_tts", "cost_stt")
    assert [call[name] for name in names] == [None] * 5
