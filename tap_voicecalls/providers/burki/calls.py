"""Burki: normalization of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.calls.call import (
    UNKNOWN,
    Call,
    currency_code,
    end_reason,
    identifier,
    normalize_enum,
)
from tap_voicecalls.calls.phone import caller_withheld, e164

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import Direction, EndedBy, EndReason, Status
    from tap_voicecalls.records.record_type import Record

# `ongoing`, `completed` and `failed` are documented; unanswered and busy calls are `failed` too.
# The official SDK adds `pending` and `transferred`. The other words have one possible meaning.
STATUSES: Mapping[str, Status] = {
    "pending": "in_progress",
    "ongoing": "in_progress",
    "completed": "completed",
    "transferred": "completed",
    "failed": "failed",
    "queued": "in_progress",
    "initiated": "in_progress",
    "ringing": "in_progress",
    "in_progress": "in_progress",
    "busy": "busy",
    "no_answer": "no_answer",
    "canceled": "canceled",
    "cancelled": "canceled",
}
# The SDK has `end_reason`, without its words; these have only one possible meaning.
_END_REASONS: Mapping[str, EndReason] = {
    "completed": "completed",
    "customer_hangup": "caller_hangup",
    "caller_hangup": "caller_hangup",
    "user_hangup": "caller_hangup",
    "agent_hangup": "agent_hangup",
    "assistant_hangup": "agent_hangup",
    "transferred": "transferred",
    "transfer": "transferred",
    "voicemail": "voicemail",
    "inactivity": "inactivity",
    "idle_timeout": "inactivity",
    "max_duration": "max_duration",
    "max_duration_exceeded": "max_duration",
    "no_answer": "no_answer",
    "busy": "busy",
    "rejected": "declined",
    "declined": "declined",
    "canceled": "canceled",
    "cancelled": "canceled",
}
_ENDED_BY: Mapping[EndReason, EndedBy] = {
    "caller_hangup": "caller",
    "agent_hangup": "agent",
    "transferred": "agent",
    "inactivity": "system",
    "max_duration": "system",
}
# The two words of the SDK, and words that users may write into a call's metadata.
_DIRECTIONS: Mapping[str, Direction] = {
    "inbound": "inbound",
    "incoming": "inbound",
    "outbound": "outbound",
    "outgoing": "outbound",
}
# Values of `outbound` in a call's metadata; the server writes true for the calls that it makes.
_OUTBOUND: Mapping[str, Direction] = {"true": "outbound", "false": "inbound"}


class _Meta(msgspec.Struct, gc=False):
    """The keys of a call's metadata that are read."""

    direction: Any = None
    outbound: Any = None


_decode_meta = msgspec.json.Decoder(_Meta).decode

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`burki_calls`",
    "call_id": "`id`",
    "direction": "`direction`, else `call_meta.outbound`, with which the server marks the calls "
    "that it makes, else `call_meta.direction`, if you put it there; `unknown` "
    "without any of them",
    "status": "`status`",
    "provider_status": "`status`",
    "channel": "`phone` if there is a number",
    "from_number": "`customer_phone_number`, else `customer_phone`; if outbound the user's line",
    "from_withheld": "as `from_number`",
    "to_number": "`to_phone_number`, else `twilio_phone`; if outbound the customer",
    "agent_id": "`assistant_id`",
    "agent_name": "`assistant_name`",
    "started_at": "`started_at`",
    "ended_at": "`ended_at`",
    "duration_seconds": "`duration`",
    "cost": "`total_cost`, else `cost`",
    "cost_llm": "`llm_cost`",
    "cost_tts": "`tts_cost`",
    "cost_stt": "`stt_cost`",
    "cost_telephony": "`telephony_cost`",
    "currency": "`cost_currency`",
    "has_recording": "`recording_count`",
    "has_transcript": "`transcript_count`",
    "end_reason": "`end_reason`, else `transferred_to`, `status`",
    "provider_end_reason": "`end_reason`",
    "ended_by": "`end_reason`",
    "transferred_to": "`transferred_to`",
    "carrier": "`telephony_provider`",
    "carrier_call_id": "`call_sid`",
    "updated_at": "`updated_at`",
}
"""The source of each field of a call, in Markdown; the other fields are always null."""


def normalize(record: Record) -> Call:
    """Map a record to a call.

    `customer_phone_number` is the customer's number. `to_phone_number` is the user's own line, "the
    number that was called". So the customer is the caller, unless the call is marked as outbound.
    A call with a number is a phone call. The SDK has other names for both numbers and for the cost.
    """
    direction, status = _direction(record), normalize_enum(STATUSES, record.status)
    reason = _end_reason(record, status)
    caller, callee = _numbers(record, direction)
    return Call(
        call_id=identifier(record.id),
        direction=direction,
        status=status,
        provider_status=record.status,
        channel="phone" if caller or callee else UNKNOWN,
        from_number=e164(caller),
        from_withheld=caller_withheld(caller),
        to_number=e164(callee),
        agent_id=identifier(record.assistant_id),
        agent_name=record.assistant_name or None,
        started_at=record.started_at,
        ended_at=record.ended_at,
        duration_seconds=record.duration,
        cost=record.cost if record.total_cost is None else record.total_cost,
        cost_llm=record.llm_cost,
        cost_tts=record.tts_cost,
        cost_stt=record.stt_cost,
        cost_telephony=record.telephony_cost,
        currency=currency_code(record.cost_currency),
        has_recording=_any(record.recording_count),
        has_transcript=_any(record.transcript_count),
        end_reason=reason,
        provider_end_reason=record.end_reason or None,
        ended_by=_ENDED_BY.get(reason, UNKNOWN),
        transferred_to=e164(record.transferred_to),
        carrier=record.telephony_provider or None,
        carrier_call_id=record.call_sid or None,
        updated_at=record.updated_at,
    )


def _numbers(record: Record, direction: Direction) -> tuple[str | None, str | None]:
    """Return the number of the caller, and the one that was called."""
    customer = record.customer_phone_number or record.customer_phone
    own = record.to_phone_number or record.twilio_phone
    return (own, customer) if direction == "outbound" else (customer, own)


def _end_reason(record: Record, status: Status) -> EndReason:
    if record.end_reason:
        return end_reason(_END_REASONS, record.end_reason, status)
    if record.transferred_to or record.status == "transferred":
        return "transferred"
    return end_reason(_END_REASONS, None, status)


def _any(count: int | None) -> bool | None:
    return None if count is None else count > 0


def _direction(record: Record) -> Direction:
    """Return the record's direction, else the server's mark, else the user's own metadata key.

    Without any of them it is unknown: the server is not documented to mark all outbound calls.
    """
    if record.direction and (direction := normalize_enum(_DIRECTIONS, record.direction)) != UNKNOWN:
        return direction
    return _direction_in_metadata(record.call_meta)


def _direction_in_metadata(meta: msgspec.Raw | None) -> Direction:
    # Searching for the keys is fast, decoding is slow.
    if meta is None or (b"outbound" not in (raw := bytes(meta)) and b"direction" not in raw):
        return UNKNOWN
    try:
        decoded = _decode_meta(raw)
    except (
        ValueError,
        ArithmeticError,
        RecursionError,
    ):  # other parts of the metadata cannot be read
        return UNKNOWN
    marked = normalize_enum(_OUTBOUND, _word(decoded.outbound))
    return normalize_enum(_DIRECTIONS, _word(decoded.direction)) if marked == UNKNOWN else marked


def _word(value: object) -> str | None:
    """Return a text, or a boolean as text; None for any other value."""
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
