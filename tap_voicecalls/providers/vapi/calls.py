"""Vapi: normalization of a call.

Source: Vapi's OpenAPI document at VapiAI/docs eabfa53, schema Call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import Call, currency_of, identifier, normalize_enum
from tap_voicecalls.calls.phone import caller_withheld, e164
from tap_voicecalls.calls.turn import seconds_between
from tap_voicecalls.common.times import seconds_of
from tap_voicecalls.providers.vapi.costs import CURRENCY, parts_of, total_of
from tap_voicecalls.providers.vapi.end_reasons import end_of
from tap_voicecalls.providers.vapi.turns import has_transcript, links_of
from tap_voicecalls.records.raw_json import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.call import Channel, Direction, Status
    from tap_voicecalls.records.record_type import Record

STATUSES: Mapping[str, Status] = dict.fromkeys(
    ("scheduled", "queued", "ringing", "in_progress", "forwarding"), "in_progress"
)
"""The words of calls that have not ended; how an ended one went is in its reason."""

_DIRECTIONS: Mapping[str, Direction] = {
    "inboundphonecall": "inbound",
    "outboundphonecall": "outbound",
}
_CHANNELS: Mapping[str, Channel] = {
    "inboundphonecall": "phone",
    "outboundphonecall": "phone",
    "webcall": "web",
    "vapi.websocketcall": "websocket",
}
_SIP, _VAPI_SIP = "sip", "vapi.sip"
_VERDICTS = {"true": True, "pass": True, "false": False, "fail": False}
# The carrier, and the field of `transport` that has its id of the call. Calls of Telnyx go by their
# session, those of Vonage by their leg; those of the others have one id.
_CARRIERS: Mapping[str, tuple[str, ...]] = {
    "twilio": ("callSid",),
    "vonage": ("callUUID", "conversationUUID"),
    "telnyx": ("callSessionId", "callLegId", "callControlId"),
}

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`vapi_calls`",
    "call_id": "`id`",
    "direction": "`type`",
    "status": "`endedReason` of an ended call, else `status`",
    "provider_status": "`status`",
    "channel": "`type`, `phoneCallTransport`, `transport.provider`",
    "from_number": "`customer.number`, else `sipUri`; if outbound `phoneNumber`",
    "from_withheld": "as `from_number`",
    "to_number": "`phoneNumber`; if outbound `customer.number`, else `sipUri`",
    "agent_id": "`assistantId`, else the first of `artifact.assistantActivations`",
    "agent_name": "the first of `artifact.assistantActivations`, else `assistant.name`",
    "started_at": "`startedAt`, else `createdAt`",
    "ended_at": "`endedAt`",
    "duration_seconds": "`endedAt` minus `startedAt`",
    "cost": "`cost`, else `costBreakdown.total`",
    "cost_llm": "`costBreakdown.llm`",
    "cost_tts": "`costBreakdown.tts`",
    "cost_stt": "`costBreakdown.stt`",
    "cost_telephony": "`costBreakdown.transport`",
    "cost_platform": "`costBreakdown.vapi`",
    "currency": "USD",
    "has_recording": "`artifact.recording`, `artifact.recordingUrl`, `artifact.stereoRecordingUrl`",
    "has_transcript": "`artifact.messages`, else `messages`, else `artifact.transcript`",
    "end_reason": "`endedReason`",
    "provider_end_reason": "`endedReason`",
    "ended_by": "`endedReason`",
    "answered_by": "`endedReason`: `voicemail`",
    "transferred_to": "`destination.number`, else `sipUri`",
    "carrier": "`transport.provider`, else `phoneCallProvider`",
    "carrier_call_id": "`transport`, else `phoneCallProviderId`",
    "agent_version": "`assistantVersion`",
    "successful": "`analysis.successEvaluation`, if it is true, false, pass or fail",
    "summary": "`analysis.summary`",
    "turns": "number of messages that were said, and of tools",
    "interruptions": "`artifact.performanceMetrics.numAssistantInterrupted`",
    "response_seconds": "`artifact.performanceMetrics.turnLatencyAverage`",
    "updated_at": "`updatedAt`",
}
"""Where the fields of a call come from, in Markdown; the others are not reported."""


def normalize(record: Record) -> Call:
    """Map a record to a call."""
    kind = (record.type or "").lower()
    direction = normalize_enum(_DIRECTIONS, kind)
    customer, own = _address(record.customer), _own_number(record)
    sender, receiver = (own, customer) if direction == "outbound" else (customer, own)
    word, has_ended = record.endedReason, record.status == "ended"
    end = end_of(word or "")
    carrier, carrier_call_id = _carrier(record)
    cost = total_of(record)
    parts, analysis = parts_of(record), record.analysis
    metrics = record.artifact and record.artifact.performanceMetrics
    latency = metrics and metrics.turnLatencyAverage
    return Call(
        call_id=record.id,
        direction=direction,
        status=end.status if has_ended else normalize_enum(STATUSES, record.status),
        provider_status=record.status,
        channel=_channel(record, kind),
        from_number=e164(sender),
        from_withheld=caller_withheld(sender),
        to_number=e164(receiver),
        agent_id=identifier(record.assistantId) or _first_assistant(record, "assistantId"),
        agent_name=_first_assistant(record, "assistantName") or _own_name(record),
        started_at=record.startedAt or record.createdAt,
        ended_at=record.endedAt,
        duration_seconds=seconds_between(record.startedAt, record.endedAt),
        cost=cost,
        cost_llm=parts.get("llm"),
        cost_tts=parts.get("tts"),
        cost_stt=parts.get("stt"),
        cost_telephony=parts.get("transport"),
        cost_platform=parts.get("vapi"),
        currency=currency_of(CURRENCY, cost, *parts.values()),
        has_recording=bool(links_of(record)) if has_ended else None,
        has_transcript=has_transcript(record),
        end_reason=end.reason,
        provider_end_reason=word or None,
        ended_by=end.ended_by,
        answered_by="machine" if word == "voicemail" else "unknown",
        transferred_to=e164(_address(record.destination)),
        carrier=carrier,
        carrier_call_id=carrier_call_id,
        agent_version=identifier(record.assistantVersion),
        successful=_VERDICTS.get(((analysis and analysis.successEvaluation) or "").lower()),
        summary=(analysis and analysis.summary) or None,
        interruptions=_whole(metrics and metrics.numAssistantInterrupted),
        response_seconds=None if latency is None else seconds_of(latency),
        updated_at=record.updatedAt,
    )


def _channel(record: Record, kind: str) -> Channel:
    transport = record.transport
    is_sip = record.phoneCallTransport == _SIP or (transport and transport.provider == _VAPI_SIP)
    return "sip" if is_sip else normalize_enum(_CHANNELS, kind)


def _address(end: Record) -> str | None:
    if not end:
        return None
    number: str | None = end.number or end.sipUri or None
    return number


def _own_number(record: Record) -> str | None:
    own = record.phoneNumber
    return (own and (own.twilioPhoneNumber or own.number or own.sipUri)) or None


def _first_assistant(record: Record, name: str) -> str | None:
    """Return a field of the first assistant of a squad."""
    activations = record.artifact and record.artifact.assistantActivations
    named = [each.get(name) for each in activations or () if each]
    return (named and named[0]) or None


def _own_name(record: Record) -> str | None:
    own = decode(bytes(record.assistant)) if record.assistant else {}
    name = own.get("name")
    return name if isinstance(name, str) and name else None


def _carrier(record: Record) -> tuple[str | None, str | None]:
    """Return the carrier and its id of the call, by the older fields where `transport` lacks it."""
    transport = record.transport
    carrier = (transport and transport.provider) or record.phoneCallProvider or ""
    if carrier not in _CARRIERS:
        return None, None
    names = _CARRIERS[carrier]
    call_id = next((found for n in names if transport and (found := getattr(transport, n))), None)
    return carrier, call_id or record.phoneCallProviderId or None


def _whole(value: int | Decimal | None) -> int | None:
    return None if value is None else int(value)
