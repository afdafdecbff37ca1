"""Retell: normalization of a call of the list, or of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import (
    DIRECTIONS,
    SENTIMENTS,
    UNKNOWN,
    Call,
    end_reason,
    identifier,
    normalize_enum,
    says_words,
)
from tap_voicecalls.calls.phone import caller_withheld, e164
from tap_voicecalls.calls.turn import mean_seconds
from tap_voicecalls.common.times import seconds_of, time_of_millis
from tap_voicecalls.providers.retell.costs import CURRENCY, parts_of, total_of
from tap_voicecalls.providers.retell.end_reasons import ANSWERED_BY, ENDED_BY, REASONS, STATUS_OF
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.call import AnsweredBy, Channel, Status
    from tap_voicecalls.records.record_type import Record

# call_list_response.py: the values of `call_type` and `call_status`.
_CHANNELS: Mapping[str, Channel] = {"phone_call": "phone", "web_call": "web"}
STATUSES: Mapping[str, Status] = {
    "registered": "in_progress",
    "ongoing": "in_progress",
    "ended": "completed",
    "not_connected": "failed",
    "error": "failed",
}
_TRANSCRIPTS = (
    "transcript",
    "transcript_object",
    "transcript_with_tool_calls",
    "scrubbed_transcript_with_tool_calls",
)
RECORDINGS = (
    "recording_url",
    "recording_multi_channel_url",
    "scrubbed_recording_url",
    "scrubbed_recording_multi_channel_url",
)
"""The fields with links to recordings; scrubbed ones are without personal data."""

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`retell_call_details` if that is selected, else `retell_calls`",
    "call_id": "`call_id`",
    "direction": "`direction`",
    "status": "`disconnection_reason`, else `call_status`",
    "provider_status": "`call_status`",
    "channel": "`call_type`",
    "from_number": "`from_number`",
    "from_withheld": "`from_number`",
    "to_number": "`to_number`",
    "agent_id": "`agent_id`",
    "agent_name": "`agent_name`",
    "started_at": "`start_timestamp`",
    "ended_at": "`end_timestamp`, else `start_timestamp` and `duration_ms`",
    "duration_seconds": "`duration_ms`",
    "cost": "`call_cost.combined_cost`, else the sum of `product_costs`, cents / 100",
    "cost_llm": "`call_cost.product_costs`, by the name of the product",
    "cost_tts": "as `cost_llm`",
    "cost_stt": "as `cost_llm`",
    "cost_telephony": "as `cost_llm`",
    "cost_platform": "as `cost_llm`",
    "currency": "USD",
    "has_recording": "`recording_url` and the other links to recordings",
    "has_transcript": "`transcript`, `transcript_object` of the details",
    "end_reason": "`disconnection_reason`",
    "provider_end_reason": "`disconnection_reason`",
    "ended_by": "`disconnection_reason`",
    "answered_by": "`call_analysis.in_voicemail`, `disconnection_reason`",
    "transferred_to": "`transfer_destination`",
    "carrier": "`twilio` if there is a `telephony_identifier.twilio_call_sid`",
    "carrier_call_id": "`telephony_identifier.twilio_call_sid`",
    "agent_version": "`agent_version`",
    "successful": "`call_analysis.call_successful`",
    "sentiment": "`call_analysis.user_sentiment`",
    "summary": "`call_analysis.call_summary`",
    "turns": "number of turns of the details",
    "response_seconds": "mean of `latency.e2e.values`",
}
"""Where the fields of a call come from, in Markdown; the others are not reported."""


def normalize(record: Record) -> Call:
    """Map a call of the list, or its details, to a call.

    Calls that were never connected had the status `error` until July 2025, so the reason decides
    before the status.
    """
    reason, analysis = record.disconnection_reason, record.call_analysis
    by_reason = normalize_enum(STATUS_OF, reason)
    status = by_reason if by_reason != UNKNOWN else normalize_enum(STATUSES, record.call_status)
    why = end_reason(REASONS, reason, status)
    length, sid = record.duration_ms, _twilio_sid(record)
    cost, parts = total_of(record), parts_of(record)
    return Call(
        call_id=record.call_id,
        direction=normalize_enum(DIRECTIONS, record.direction),
        status=status,
        provider_status=record.call_status,
        channel=normalize_enum(_CHANNELS, record.call_type),
        from_number=e164(record.from_number),
        from_withheld=caller_withheld(record.from_number),
        to_number=e164(record.to_number),
        agent_id=identifier(record.agent_id),
        agent_name=record.agent_name or None,
        started_at=record.started_at,
        ended_at=end_of(record),
        duration_seconds=None if length is None else seconds_of(length),
        cost=cost,
        cost_llm=parts.get("llm"),
        cost_tts=parts.get("tts"),
        cost_stt=parts.get("stt"),
        cost_telephony=parts.get("telephony"),
        cost_platform=parts.get("platform"),
        currency=None if cost is None else CURRENCY,
        has_recording=_has_recording(record),
        has_transcript=says_words(record, *_TRANSCRIPTS) if hasattr(record, "transcript") else None,
        end_reason=why,
        provider_end_reason=reason,
        ended_by=normalize_enum(ENDED_BY, reason),
        answered_by=_answered_by(record),
        # The transfer was canceled.
        transferred_to=None if why == "canceled" else e164(record.transfer_destination),
        carrier="twilio" if sid else None,
        carrier_call_id=sid,
        agent_version=identifier(record.agent_version),
        successful=analysis and analysis.call_successful,
        sentiment=normalize_enum(SENTIMENTS, analysis and analysis.user_sentiment),
        summary=(analysis and analysis.call_summary) or None,
        response_seconds=_response_of(record),
    )


def end_of(record: Record) -> str | None:
    """Return when a call ended; None until then."""
    if record.end_timestamp is not None:
        return time_of_millis(record.end_timestamp)
    start, length = record.start_timestamp, record.duration_ms
    return None if start is None or length is None else time_of_millis(add(start, length))


def _twilio_sid(record: Record) -> str | None:
    named = record.telephony_identifier
    return (named and named.twilio_call_sid) or None


def _has_recording(record: Record) -> bool | None:
    """Return whether there is a recording; the list may leave its links out."""
    if any(getattr(record, name) for name in RECORDINGS):
        return True
    return False if hasattr(record, "transcript") else None


def _answered_by(record: Record) -> AnsweredBy:
    if record.call_analysis and record.call_analysis.in_voicemail:
        return "machine"
    return normalize_enum(ANSWERED_BY, record.disconnection_reason)


def _response_of(record: Record) -> Decimal | None:
    """Return the mean time from the caller's last word to the agent's first, in seconds."""
    measured = record.latency and record.latency.e2e and record.latency.e2e.values
    return mean_seconds([seconds_of(value) for value in measured or () if value is not None])
