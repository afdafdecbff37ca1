"""Voicy: normalization of a call of the list, or of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import (
    Call,
    currency_code,
    end_reason,
    identifier,
    normalize_enum,
    says_words,
)
from tap_voicecalls.calls.cost_line import CostLine
from tap_voicecalls.calls.phone import caller_withheld, e164
from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.common.times import seconds_of, time_of_millis
from tap_voicecalls.records.exact import subtract

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.call import Channel, Direction, EndedBy, EndReason, Status
    from tap_voicecalls.records.record_type import Record

    Number = int | Decimal

# models/call: directions as the agent sees them; the last two are from the API's first form.
_DIRECTIONS: Mapping[str, Direction] = {
    "incoming": "inbound",
    "outgoing": "outbound",
    "inbound": "inbound",
    "outbound": "outbound",
}
# models/call: the two types.
_CHANNELS: Mapping[str, Channel] = {"phone_call": "phone", "web_call": "web"}
# models/call: three statuses of running calls, four of completed and four of failed ones. The next
# two are from the API's first form, and the last one has only one possible meaning.
STATUSES: Mapping[str, Status] = {
    "initiated": "in_progress",
    "ringing": "in_progress",
    "ongoing": "in_progress",
    "user_hangup": "completed",
    "agent_hangup": "completed",
    "inactivity": "completed",
    "error_inactivity": "completed",
    "busy": "busy",
    "no_answer": "no_answer",
    "error": "failed",
    "canceled": "canceled",
    "in_progress": "in_progress",
    "ended": "completed",
    "cancelled": "canceled",
}
# models/call: what the statuses of ended calls say of their end.
_END_REASONS: Mapping[str, EndReason] = {
    "user_hangup": "caller_hangup",
    "agent_hangup": "agent_hangup",
    "inactivity": "inactivity",
    "error_inactivity": "inactivity",
    "busy": "busy",
    "no_answer": "no_answer",
    "error": "agent_error",
    "canceled": "canceled",
    "cancelled": "canceled",
    "ended": "completed",
}
_ENDED_BY: Mapping[str, EndedBy] = {
    "user_hangup": "caller",
    "agent_hangup": "agent",
    "inactivity": "system",
    "error_inactivity": "system",
    "error": "system",
}
# The transcript, and the turns of the API's first form.
_TRANSCRIPTS = ("transcript", "transcript_object")

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`voicy_call_details` if that is selected, else `voicy_calls`",
    "call_id": "`call_id`",
    "direction": "`direction`",
    "status": "`call_status`",
    "provider_status": "`call_status`",
    "channel": "`call_type`",
    "from_number": "`from_number`",
    "from_withheld": "as `from_number`",
    "to_number": "`to_number`",
    "agent_id": "`agent.id`, else `agent_id`",
    "agent_name": "`agent.name`",
    "started_at": "`start_timestamp`",
    "ended_at": "`start_timestamp` and `duration_ms`, else `end_timestamp`",
    "duration_seconds": "`duration_ms`",
    "cost": "`call_cost.combined_cost`",
    "currency": "`call_cost.currency`",
    "has_recording": "`recording_url` of the details",
    "end_reason": "`call_status`",
    "provider_end_reason": "`call_status`, once the call has ended",
    "ended_by": "`call_status`",
    "agent_version": "`agent.version`",
    "summary": "`summary` of the details",
    "turns": "number of turns of the details",
    "response_seconds": "mean of `latency_breakdown.total_perceived_ms` of the details",
    "has_transcript": "`transcript`, `transcript_object` of the details, in any shape",
}
"""The source of each field of a call, in Markdown; the other fields are always null."""


def normalize(record: Record) -> Call:
    """Map a call of the list, or its details, to a call.

    The end is the start plus the length, which is null until the call has ended. Whether there is a
    recording or a transcript is only known from the details. The API's first form has one sum of
    the cost, the agent's id beside the agent, and the end instead of the length.
    """
    agent, cost = record.agent, record.call_cost
    length, status = length_of(record), normalize_enum(STATUSES, record.call_status)
    ended = None if status == "in_progress" else record.call_status
    return Call(
        call_id=record.call_id,
        direction=normalize_enum(_DIRECTIONS, record.direction),
        status=status,
        provider_status=record.call_status,
        channel=normalize_enum(_CHANNELS, record.call_type),
        from_number=e164(record.from_number),
        from_withheld=caller_withheld(record.from_number),
        to_number=e164(record.to_number),
        agent_id=(agent and identifier(agent.id)) or identifier(record.agent_id),
        agent_name=agent and (agent.name or None),
        started_at=record.started_at,
        ended_at=end_of(record),
        duration_seconds=None if length is None else seconds_of(length),
        cost=cost and cost.combined_cost,
        currency=cost and currency_code(cost.currency),
        has_recording=bool(record.recording_url) if hasattr(record, "recording_url") else None,
        has_transcript=says_words(record, *_TRANSCRIPTS) if hasattr(record, "transcript") else None,
        end_reason=end_reason(_END_REASONS, ended, status),
        provider_end_reason=ended,
        ended_by=normalize_enum(_ENDED_BY, ended),
        agent_version=agent and identifier(agent.version),
        summary=getattr(record, "summary", None),
    )


def length_of(record: Record) -> Number | None:
    """Return the length of a call in milliseconds; None until it has ended."""
    length: Number | None = record.duration_ms
    if length is not None:
        return length
    start, end = record.start_timestamp, record.end_timestamp
    if start is None or end is None or time_of_millis(end) is None:
        return None
    return subtract(end, start)


def end_of(record: Record) -> str | None:
    """Return when a call ended; None until then."""
    start, length = record.start_timestamp, record.duration_ms
    if start is None or length is None:
        return None if record.end_timestamp is None else time_of_millis(record.end_timestamp)
    try:
        return time_of_millis(start + length)
    except ArithmeticError:  # the numbers are too large to add
        return None


def costs(record: Record, _: Call | None) -> list[CostLine]:
    """Make the one line of a call's cost; it is not divided."""
    cost = record.call_cost
    if cost is None or cost.combined_cost is None:
        return []
    return [
        CostLine(
            call_id=record.call_id,
            line="total",
            call_started_at=record.started_at,
            component="platform",
            provider_component="combined_cost",
            amount=cost.combined_cost,
            currency=currency_code(cost.currency),
        )
    ]


def recordings(record: Record) -> list[Recording]:
    """Make the recording of a call's details; its link lives an hour."""
    if not record.recording_url:
        return []
    return [
        Recording(
            call_id=record.call_id,
            recording="0",
            call_started_at=record.started_at,
            url=record.recording_url,
        )
    ]
