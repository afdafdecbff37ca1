"""Turns of calls: what the transcripts of the providers become, and what turns tell of a call."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sent_records import Reader

from tap_voicecalls.calls.normalized import Normalizer
from tap_voicecalls.calls.turn import Turn, in_order_of_speech, interruptions_of, response_of
from tap_voicecalls.providers.burki.call_details import BurkiTranscripts
from tap_voicecalls.providers.burki.turns import turns as burki_turns
from tap_voicecalls.providers.ovia import OviaCalls
from tap_voicecalls.providers.ovia import normalize as ovia_call
from tap_voicecalls.providers.ovia.details import turns as ovia_turns
from tap_voicecalls.providers.voicy import VoicyCallDetails
from tap_voicecalls.providers.voicy import normalize as voicy_call
from tap_voicecalls.providers.voicy.turns import turns as voicy_turns

VOICY = Normalizer("voicy", "voicy_call_details", voicy_call, voicy_turns)
OVIA = Normalizer("ovia", "ovia_calls", ovia_call, ovia_turns)
START = 1_767_600_000_000  # 2026-01-05T08:00:00Z


def filled(turn: Turn) -> dict[str, Any]:
    """Return the fields of a turn that are filled, but for those of the call."""
    fields = msgspec.structs.asdict(turn)
    call = {"provider", "account", "call_id", "call_started_at"}
    return {name: v for name, v in fields.items() if v is not None and name not in call}


def voicy(**sent: object) -> Any:  # noqa: ANN401 - a record is of no declared type
    """Return what the details of a call tell."""
    record = Reader(VoicyCallDetails)(
        json.dumps({"call_id": "c", "start_timestamp": START, **sent})
    )
    record.account = "default"
    return VOICY(record)


def test_turns_of_voicy() -> None:
    """Each field comes from the documented one, and a function is a turn of a tool."""
    entries = [
        {"role": "agent", "content": "Good morning.", "timestamp_ms": 0},
        {"role": "user", "content": "Is it open?", "timestamp_ms": 1500.5},
        {
            "role": "agent",
            "content": "Let me see.",
            "timestamp_ms": 4000,
            "latency_breakdown": {
                "vad_delay_ms": 300,
                "stt_finalize_ms": 50,
                "llm_startup_ms": 400,
                "llm_first_sentence_ms": 100,
                "tts_synthesis_ms": 200,
                "send_overhead_ms": 25,
                "total_perceived_ms": 1075,
            },
        },
        {
            "role": "system",
            "content": "",
            "timestamp_ms": 5000,
            "function_invocation": {
                "invocation_id": "f-1",
                "node_name": "opening_hours",
                "request_body": {"day": "Monday"},
            },
        },
        {
            "role": "system",
            "timestamp_ms": 6000,
            "function_result": {
                "invocation_id": "f-1",
                "node_name": "opening_hours",
                "status_code": 503,
                "response_body": "closed",
            },
        },
        {"role": "system", "content": "Call transferred", "timestamp_ms": 7000},
    ]

    told = voicy(transcript=entries, call_status="agent_hangup")

    assert [filled(turn) for turn in told.turns] == [
        {
            "turn": 0,
            "role": "agent",
            "provider_role": "agent",
            "text": "Good morning.",
            "offset_seconds": 0,
            "started_at": "2026-01-05T08:00:00.000000Z",
        },
        {
            "turn": 1,
            "role": "caller",
            "provider_role": "user",
            "text": "Is it open?",
            "offset_seconds": Decimal("1.5005"),
            "started_at": "2026-01-05T08:00:01.500500Z",
        },
        {
            "turn": 2,
            "role": "agent",
            "provider_role": "agent",
            "text": "Let me see.",
            "offset_seconds": 4,
            "started_at": "2026-01-05T08:00:04.000000Z",
            "response_seconds": Decimal("1.075"),
            "endpointing_seconds": Decimal("0.3"),
            "stt_seconds": Decimal("0.05"),
            "llm_seconds": Decimal("0.4"),
            "tts_seconds": Decimal("0.2"),
            "network_seconds": Decimal("0.025"),
        },
        {
            "turn": 3,
            "role": "tool",
            "provider_role": "system",
            "offset_seconds": 5,
            "started_at": "2026-01-05T08:00:05.000000Z",
            "tool_name": "opening_hours",
            "tool_arguments": '{"day":"Monday"}',
            "provider_turn_id": "f-1",
        },
        {
            "turn": 4,
            "role": "tool",
            "provider_role": "system",
            "offset_seconds": 6,
            "started_at": "2026-01-05T08:00:06.000000Z",
            "tool_name": "opening_hours",
            "tool_result": "closed",
            "tool_failed": True,
            "provider_turn_id": "f-1",
        },
        {
            "turn": 5,
            "role": "system",
            "provider_role": "system",
            "text": "Call transferred",
            "offset_seconds": 7,
            "started_at": "2026-01-05T08:00:07.000000Z",
        },
    ]
    assert (told.call.turns, told.call.response_seconds) == (6, Decimal("1.075"))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"transcript": None}, []),
        ({"transcript": [{}]}, []),
        ({"transcript": "Agent: hello"}, [("unknown", "Agent: hello")]),
        ({"transcript": "  "}, []),
        (
            {
                "transcript": "Agent: hello",
                "transcript_object": [{"role": "agent", "content": "hello"}],
            },
            [("agent", "hello")],
        ),
        (
            {"transcript": [{"role": "agent", "content": 7, "timestamp_ms": "soon"}]},
            [("agent", "7")],
        ),
        ({"transcript": [{"role": "robot", "content": "x"}]}, [("unknown", "x")]),
    ],
)
def test_forms_of_voicys_transcript(sent: dict[str, Any], expected: list[Any]) -> None:
    """The first form of the API, and odd values, still say what was said."""
    assert [(turn.role, turn.text) for turn in voicy(**sent).turns] == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            {
                "transcript": "hello\nbye",
                "transcript_objects": [
                    {"content": "hello", "timestamp": "2026-01-05T08:00:02.25Z", "role": "bot"},
                    {"content": "bye", "timestamp": None},
                ],
            },
            [("agent", "hello", Decimal("2.25")), ("unknown", "bye", None)],
        ),
        ({"transcript": "hello", "transcript_objects": []}, [("unknown", "hello", None)]),
        ({"transcript": " ", "transcript_objects": [{}]}, []),
    ],
)
def test_turns_of_ovia(sent: dict[str, Any], expected: list[Any]) -> None:
    """Messages are turns; where there is only a text, it is one turn."""
    record = Reader(OviaCalls)(json.dumps({"id": "o", "started_at": "2026-01-05T08:00Z", **sent}))
    record.account = "default"

    told = OVIA(record)

    assert [(t.role, t.text, t.offset_seconds) for t in told.turns] == expected
    assert told.call is not None
    assert told.call.turns == len(expected)


def test_turns_are_sorted_by_their_offset() -> None:
    """Streams of speech recognition come in the order in which they end."""
    turns = [Turn(text=str(at), offset_seconds=at) for at in (2, 0, 1)]

    assert [(t.turn, t.text) for t in in_order_of_speech(turns)] == [(0, "0"), (1, "1"), (2, "2")]


def test_turns_without_an_offset_stay_in_order() -> None:
    """A missing offset says nothing about the order."""
    turns = [Turn(text="a", offset_seconds=2), Turn(text="b"), Turn(text="c", offset_seconds=1)]

    assert [turn.text for turn in in_order_of_speech(turns)] == ["a", "b", "c"]


def spoken(role: Any, at: Any, length: Any = None, **more: Any) -> Turn:  # noqa: ANN401
    """Make a turn."""
    return Turn(role=role, offset_seconds=at, duration_seconds=length, **more)


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], None),
        ([spoken("agent", 0, 1), spoken("caller", 2, 1)], None),
        ([spoken("caller", 0, 2), spoken("agent", Decimal("2.75"))], Decimal("0.75")),
        ([spoken("caller", 0, 2), spoken("agent", 1)], 0),
        ([spoken("caller", 0), spoken("agent", 1)], None),
        (
            [
                spoken("caller", 0, 2),
                spoken("agent", 3),
                spoken("caller", 5, 1),
                spoken("agent", 8),
            ],
            Decimal("1.5"),
        ),
        ([spoken("caller", 0, 2), spoken("agent", 9, response_seconds=1)], 1),
        ([spoken("agent", 0, response_seconds=Decimal("1e300"))] * 3, None),
    ],
)
def test_the_response_is_a_mean(turns: list[Turn], expected: Decimal | None) -> None:
    """What the provider sends comes first; then the silence before the agent speaks."""
    assert response_of(turns) == expected


def test_interruptions_are_counted_where_they_are_told() -> None:
    """None that was told differs from nothing told."""
    assert interruptions_of([Turn(), Turn()]) is None
    assert interruptions_of([Turn(interrupted=False), Turn()]) == 0
    assert interruptions_of([Turn(interrupted=True), Turn(interrupted=True)]) == 2


def utterance(**sent: object) -> Any:  # noqa: ANN401 - a record is of no declared type
    """Return what an utterance of Burki tells."""
    fields = {"id": 7, "call_id": 4711, "call_started_at": "2026-01-05T08:00:00Z", **sent}
    record = Reader(BurkiTranscripts)(json.dumps(fields))
    record.account = "default"
    return Normalizer("burki", "burki_transcripts", turns=burki_turns)(record)


def test_a_turn_of_burki() -> None:
    """Each field comes from the documented one."""
    told = utterance(
        content="Is it open?",
        speaker="user",
        segment_start=1.25,
        segment_end=3.5,
        confidence=0.93,
        is_final=True,
    )

    assert [filled(turn) for turn in told.turns] == [
        {
            "turn": 0,
            "role": "caller",
            "provider_role": "user",
            "text": "Is it open?",
            "offset_seconds": Decimal("1.25"),
            "duration_seconds": Decimal("2.25"),
            "confidence": Decimal("0.93"),
            "provider_turn_id": "7",
        }
    ]


def test_interim_results_are_no_turns() -> None:
    """The words of an interim result come again in the final one."""
    assert utterance(content="Is it", is_final=False).turns == []
