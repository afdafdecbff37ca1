"""Ovia: normalization of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import (
    DIRECTIONS,
    Call,
    end_reason,
    identifier,
    normalize_enum,
    says_words,
)
from tap_voicecalls.calls.phone import caller_withheld, e164

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import Channel, Status
    from tap_voicecalls.records.record_type import Record

# The page of list-call gives `phone_call` and `completed` as examples. The other words have only
# one possible meaning.
_CHANNELS: Mapping[str, Channel] = {"phone_call": "phone", "web_call": "web"}
STATUSES: Mapping[str, Status] = {
    "completed": "completed",
    "ended": "completed",
    "failed": "failed",
    "busy": "busy",
    "no_answer": "no_answer",
    "canceled": "canceled",
    "cancelled": "canceled",
    "in_progress": "in_progress",
    "queued": "in_progress",
    "initiated": "in_progress",
    "ongoing": "in_progress",
    "ringing": "in_progress",
}

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`ovia_calls`",
    "call_id": "`id`",
    "direction": "`direction`",
    "status": "`status`",
    "provider_status": "`status`",
    "channel": "`type`",
    "from_number": "`from_number`",
    "from_withheld": "as `from_number`",
    "to_number": "`to_number`",
    "agent_id": "`agent_id`",
    "agent_name": "`agent.name`",
    "started_at": "`started_at`",
    "ended_at": "`ended_at`",
    "duration_seconds": "`duration`",
    "cost": "`costs.total`",
    "cost_llm": "`costs.llm`",
    "cost_tts": "`costs.tts`",
    "cost_stt": "`costs.stt`",
    "has_recording": "`recording_url`",
    "end_reason": "`status`",
    "turns": "number of `transcript_objects`, or 1 if there is only a `transcript`",
    "updated_at": "`updated_at`",
    "has_transcript": "`transcript`, `transcript_objects`, in any shape",
}
"""The source of each field of a call, in Markdown; the other fields are always null."""


def normalize(record: Record) -> Call:
    """Map a record to a call.

    Agent and costs come from the nested objects. The unit and the currency of the costs are not
    documented, so the currency is null. Telephony is not part of the costs.
    """
    agent, costs = record.agent, record.costs
    status = normalize_enum(STATUSES, record.status)
    return Call(
        call_id=record.id,
        direction=normalize_enum(DIRECTIONS, record.direction),
        status=status,
        provider_status=record.status,
        channel=normalize_enum(_CHANNELS, record.type),
        from_number=e164(record.from_number),
        from_withheld=caller_withheld(record.from_number),
        to_number=e164(record.to_number),
        agent_id=identifier(record.agent_id),
        agent_name=agent and (agent.name or None),
        started_at=record.started_at,
        ended_at=record.ended_at,
        duration_seconds=record.duration,
        cost=costs and costs.total,
        cost_llm=costs and costs.llm,
        cost_tts=costs and costs.tts,
        cost_stt=costs and costs.stt,
        has_recording=bool(record.recording_url),
        end_reason=end_reason({}, None, status),
        updated_at=record.updated_at,
        has_transcript=says_words(record, "transcript", "transcript_objects"),
    )
