"""Vonage: normalization of its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import Call, currency_code, end_reason, normalize_enum
from tap_voicecalls.calls.cost_line import CostLine
from tap_voicecalls.calls.phone import caller_withheld, channel_of, e164

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import AnsweredBy, Channel, Direction, EndReason, Status
    from tap_voicecalls.records.record_type import Record

# Reports API v2, `direction`: inbound is received by Vonage. In the first generation, mo is mobile
# originated, that is inbound, and mt is mobile terminated, that is outbound (see `type` in Vonage's
# Messages API).
_DIRECTIONS: Mapping[str, Direction] = {
    "inbound": "inbound",
    "outbound": "outbound",
    "mo": "inbound",
    "mt": "outbound",
}
# Reports API v2, `product`, and SIP and TTS of its first generation, whose records have the number
# 5. ASR and AMD are services on calls of any channel.
_CHANNELS: Mapping[str, Channel] = {
    "voice-call": "phone",
    "voice-failed": "phone",
    "voice-tts": "tts",
    "in-app-voice": "app",
    "websocket-call": "websocket",
    "asr": "unknown",
    "amd": "unknown",
    "sip": "phone",
    "tts": "tts",
    "5": "phone",
}
# Speech recognition and answering machine detection, charged in addition to their call.
_SERVICES = {"ASR", "AMD"}
# Channels of products whose calls use several channels; the addresses decide.
_MIXED = {"phone", "unknown"}
# Reports API v2, `status` of VOICE-CALL, of ASR (ok, error) and of WEBSOCKET-CALL (200); Voice API,
# `status`, for unanswered and for the meaning of the others. Only ended calls are reported, so an
# answered call is completed.
_STATUSES: Mapping[str, Status] = {
    "started": "in_progress",
    "ringing": "in_progress",
    "answered": "completed",
    "machine": "completed",
    "completed": "completed",
    "timeout": "no_answer",
    "unanswered": "no_answer",
    "failed": "failed",
    "rejected": "failed",
    "cancelled": "canceled",
    "canceled": "canceled",
    "busy": "busy",
    "ok": "completed",
    "error": "failed",
    "200": "completed",
}
# VOICE-FAILED has the one status FAILED, and its reason in `status_code`: a SIP response (RFC 3261;
# RFC 3398 maps the "no answer" of a telephone network to SIP responses).
_FAILURES: Mapping[str, Status] = {
    "408": "no_answer",
    "480": "no_answer",
    "486": "busy",
    "487": "canceled",
    "600": "busy",
}
# The same codes, and those of RFC 3261 that say why a call was not connected.
_END_REASONS: Mapping[str, EndReason] = {
    "200": "completed",
    "403": "blocked",
    "404": "invalid_number",
    "408": "no_answer",
    "410": "invalid_number",
    "480": "no_answer",
    "484": "invalid_number",
    "486": "busy",
    "487": "canceled",
    "500": "carrier_error",
    "502": "carrier_error",
    "503": "carrier_error",
    "504": "carrier_error",
    "600": "busy",
    "603": "declined",
    "604": "invalid_number",
    "607": "blocked",
    "608": "blocked",
}
_ANSWERED_BY: Mapping[str, AnsweredBy] = {"machine": "machine"}
# First generation: records have no currency; the field reference gives all prices in euro.
_FIRST_PRODUCT = "5"
_FIRST_CURRENCY = "EUR"

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`vonage_voice_reports`",
    "call_id": "`id`",
    "direction": "`direction`",
    "status": "`status`, and `status_code` of a failure",
    "provider_status": "`status`",
    "channel": "`product`; `sip:` and `ws:` addresses",
    "from_number": "`from`",
    "from_withheld": "`from`",
    "to_number": "`to`",
    "started_at": "`start_time`",
    "ended_at": "`end_time`",
    "duration_seconds": "`duration`",
    "cost": "`total_price`",
    "currency": "`currency`",
    "end_reason": "`status_code`, else `status`",
    "provider_end_reason": "`status_code`",
    "answered_by": "`status`: `machine`",
    "language": "`language` of a spoken text",
}
"""The source of each field of a call, in Markdown; the other fields are always null."""


def call_of(record: Record) -> Call | None:
    """Map a record to a call; None if it is a service on a call."""
    return None if (record.product or "").upper() in _SERVICES else normalize(record)


def normalize(record: Record) -> Call:
    """Map a record to a call, with the id of the record.

    The cost is `total_price`, which the user pays. It is never `total_cost` of the first
    generation, which is another amount.
    """
    caller, callee = getattr(record, "from"), record.to
    status, currency = normalize_enum(_STATUSES, record.status), currency_code(record.currency)
    if status == "failed" and record.status_code:
        status = _FAILURES.get(record.status_code, status)
    if currency is None and record.product == _FIRST_PRODUCT:
        currency = _FIRST_CURRENCY
    channel = normalize_enum(_CHANNELS, record.product)
    if channel in _MIXED:
        channel = channel_of(callee, caller) or channel
    return Call(
        call_id=record.id,
        direction=normalize_enum(_DIRECTIONS, record.direction),
        status=status,
        provider_status=record.status,
        channel=channel,
        # Vonage writes E.164 without the plus.
        from_number=e164(caller, bare=True),
        from_withheld=caller_withheld(caller),
        to_number=e164(callee, bare=True),
        started_at=record.start_time,
        ended_at=record.end_time,
        duration_seconds=record.duration,
        cost=record.total_price,
        currency=currency,
        end_reason=end_reason(_END_REASONS, record.status_code or None, status),
        provider_end_reason=record.status_code or None,
        answered_by=normalize_enum(_ANSWERED_BY, record.status),
        language=record.language or None,
    )


def costs(record: Record, call: Call | None) -> list[CostLine]:
    """Make the one line of a call's cost: the price, of so many seconds, at a rate a minute."""
    if call is None or call.cost is None:
        return []
    return [
        CostLine(
            call_id=call.call_id,
            line="total",
            call_started_at=call.started_at,
            component="tts" if call.channel == "tts" else "telephony",
            provider_component=record.product,
            amount=call.cost,
            currency=call.currency,
            rate=record.price,
        )
    ]
