"""Which conversations of ElevenLabs are calls, and how they ended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_voicecalls.providers.elevenlabs import ElevenLabsConversationDetails, normalize
from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.records.raw_json import RawJson
from tap_voicecalls.records.schemas import schema_of

CONFORM = Conformer(schema_of(ElevenLabsConversationDetails), {})
PHONE = {"type": "twilio", "call_sid": "CA1", "direction": "outbound"}


def call_of(transcript: list[Any] | None = None, **metadata: Any) -> Any:  # noqa: ANN401 - a call
    """Make a call of the details of a conversation."""
    sent = {"conversation_id": "c", "status": "done", "metadata": metadata}
    (record,) = CONFORM.all(RawJson(json.dumps([sent | {"transcript": transcript}]).encode()))
    return normalize(record)


@pytest.mark.parametrize(
    ("metadata", "is_call"),
    [
        ({}, True),
        ({"text_only": False}, True),
        ({"text_only": True}, False),
        ({"conversation_initiation_source": "twilio_sms"}, False),
        ({"conversation_initiation_source": "whatsapp"}, False),
        ({"conversation_initiation_source": "whatsapp", "text_only": False}, True),
        ({"sms": {}}, False),
        ({"whatsapp": {}}, False),
        ({"conversation_initiation_source": "twilio", "text_only": True}, True),
        ({"phone_call": PHONE, "text_only": True}, True),
    ],
)
def test_a_text_chat_is_no_call(metadata: dict[str, Any], *, is_call: bool) -> None:
    """A chat has no minutes; a call that is left out has no cost in any sum."""
    assert (call_of(**metadata) is not None) == is_call


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_call tool was called.", ("agent_hangup", "agent")),
        ("voicemail_detection tool was called.", ("voicemail", "agent")),
        ("Call ended by remote party", ("caller_hangup", "caller")),
        ("Conversation ended after 30 seconds of silence", ("inactivity", "system")),
        ("Client disconnected: 1005", ("completed", "unknown")),
        ("Client disconnected: 1011", ("unknown", "unknown")),
        ("", ("unknown", "unknown")),
    ],
)
def test_how_a_call_ended(reason: str, expected: tuple[str, str]) -> None:
    """The reason is a text with numbers in it."""
    call = call_of(termination_reason=reason)

    assert (call.end_reason, call.ended_by) == expected


def test_a_transfer_is_told_by_its_tool() -> None:
    """The reason only says that a tool ended the conversation."""
    result = {"result_type": "transfer_to_number_sip_success", "transfer_number": "+12125550101"}
    said = [{"role": "agent", "tool_results": [None, {"tool_name": "x", "result": result}]}, None]

    call = call_of(said, termination_reason="end_call tool was called.", phone_call=PHONE)

    assert (call.transferred_to, call.end_reason) == ("+12125550101", "transferred")
    assert (call.carrier, call.carrier_call_id, call.direction) == ("twilio", "CA1", "outbound")
