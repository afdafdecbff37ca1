"""Telnyx: normalization of a detail record to a call leg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import (
    DIRECTIONS,
    UNKNOWN,
    Call,
    currency_code,
    end_reason,
    normalize_enum,
)
from tap_voicecalls.calls.cost_line import CostLine
from tap_voicecalls.calls.phone import caller_withheld, channel_of, e164
from tap_voicecalls.providers.telnyx.record_types import LEGS, SERVICES, plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import Channel, EndReason, Status
    from tap_voicecalls.calls.cost_line import Component
    from tap_voicecalls.records.record_type import Record

# Detail records, `filter[record_type]`.
_CHANNELS: Mapping[str, Channel] = {"webrtc": "web", "sip-trunking": "sip", "call-control": "phone"}
# Causes of ITU-T Q.850 by the names in FreeSWITCH's table of hangup causes, which the records use,
# and the causes of the webhook `call.hangup` in Telnyx's specification.
_CAUSES: Mapping[str, Status] = {
    "user_busy": "busy",
    **dict.fromkeys(("no_answer", "no_user_response", "allotted_timeout", "timeout"), "no_answer"),
    **dict.fromkeys(("progress_timeout", "subscriber_absent", "alloted_timeout"), "no_answer"),
    **dict.fromkeys(("originator_cancel", "lose_race", "picked_off"), "canceled"),
    **dict.fromkeys(("call_rejected", "not_found", "unallocated_number", "unspecified"), "failed"),
    **dict.fromkeys(("no_route_destination", "no_route_transit_net"), "failed"),
    **dict.fromkeys(("number_changed", "invalid_number_format", "facility_rejected"), "failed"),
    **dict.fromkeys(("exchange_routing_error", "destination_out_of_order"), "failed"),
    **dict.fromkeys(("normal_temporary_failure", "network_out_of_order"), "failed"),
    **dict.fromkeys(("normal_circuit_congestion", "switch_congestion"), "failed"),
    **dict.fromkeys(("requested_chan_unavail", "service_unavailable"), "failed"),
    **dict.fromkeys(("outgoing_call_barred", "incoming_call_barred", "gateway_down"), "failed"),
    **dict.fromkeys(("bearercapability_notauth", "bearercapability_notavail"), "failed"),
    **dict.fromkeys(("incompatible_destination", "recovery_on_timer_expire"), "failed"),
    **dict.fromkeys(("user_not_registered", "interworking", "protocol_error"), "failed"),
    **dict.fromkeys(("mandatory_ie_missing", "wrong_call_state", "media_timeout"), "failed"),
}
# Detail records, `filter[record_type]`: the services.
_COMPONENTS: Mapping[str, Component] = {
    "ai-voice-assistant": "platform",
    "inference": "llm",
    "embedding": "llm",
    "inference-speech-to-text": "stt",
    "speech-to-text": "stt",
    "stt": "stt",
    "text-to-speech": "tts",
    "tts": "tts",
    "amd": "analysis",
    "recording": "recording",
    "media-storage": "recording",
}
# Causes of a normal end, for a call that was connected or of which nothing else is known.
_NORMAL: Mapping[str, Status] = dict.fromkeys(
    ("normal_clearing", "normal_unspecified", "time_limit", "success"), "completed"
)


def _words_of(status: Status) -> list[str]:
    return [word for word, mapped in _CAUSES.items() if mapped == status]


# The same causes. Those of a network that failed are not told apart.
_END_REASONS: Mapping[str, EndReason] = {
    **dict.fromkeys(("normal_clearing", "normal_unspecified", "success"), "completed"),
    "time_limit": "max_duration",
    "user_busy": "busy",
    "call_rejected": "declined",
    **dict.fromkeys(_words_of("no_answer"), "no_answer"),
    **dict.fromkeys(_words_of("canceled"), "canceled"),
    **dict.fromkeys(("not_found", "unallocated_number", "number_changed"), "invalid_number"),
    **dict.fromkeys(("invalid_number_format", "no_route_destination"), "invalid_number"),
    **dict.fromkeys(("outgoing_call_barred", "incoming_call_barred"), "blocked"),
    **dict.fromkeys(("bearercapability_notauth", "facility_rejected"), "blocked"),
    **dict.fromkeys(("no_route_transit_net", "exchange_routing_error"), "carrier_error"),
    **dict.fromkeys(("destination_out_of_order", "normal_temporary_failure"), "carrier_error"),
    **dict.fromkeys(("network_out_of_order", "normal_circuit_congestion"), "carrier_error"),
    **dict.fromkeys(("switch_congestion", "requested_chan_unavail"), "carrier_error"),
    **dict.fromkeys(("service_unavailable", "gateway_down", "interworking"), "carrier_error"),
    **dict.fromkeys(("bearercapability_notavail", "incompatible_destination"), "carrier_error"),
    **dict.fromkeys(("recovery_on_timer_expire", "user_not_registered"), "carrier_error"),
    **dict.fromkeys(("protocol_error", "mandatory_ie_missing"), "carrier_error"),
    **dict.fromkeys(("wrong_call_state", "media_timeout"), "carrier_error"),
}

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`telnyx_detail_records`",
    "call_id": "`telnyx_session_id`, else `call_session_id`, `call_id`, the leg's id, `id`",
    "direction": "`direction`",
    "status": "`connected`, `answered_at`, `hangup_cause`",
    "provider_status": "`hangup_cause`",
    "channel": "`web` if a leg is `webrtc`, else by `record_type`",
    "from_number": "`cli`, else `caller_number`",
    "from_withheld": "as `from_number`",
    "to_number": "`cld`, else `dest_number`",
    "started_at": "`started_at` of the first leg",
    "ended_at": "`finished_at`",
    "duration_seconds": "`call_sec`",
    "cost": "sum of `cost` of all records of the session",
    "currency": "`currency`",
    "end_reason": "`hangup_cause`, else as `status`",
    "provider_end_reason": "`hangup_cause`",
    "billed_seconds": "`billed_sec`",
}
"""The source of each field of a call, in Markdown; the other fields are always null."""


def normalize(record: Record) -> Call | None:
    """Map a detail record to a call leg; None if it is a service or not part of a call.

    The legs of a session are one call, so the id is that of the session; `sessions` adds them up.
    """
    if not _is_leg(record):
        return None
    caller, callee = record.cli or record.caller_number, record.cld or record.dest_number
    status = _status(record)
    return Call(
        call_id=session_of(record),
        direction=normalize_enum(DIRECTIONS, record.direction),
        status=status,
        provider_status=record.hangup_cause or None,
        channel=_channel(record, caller, callee),
        from_number=e164(caller),
        from_withheld=caller_withheld(caller),
        to_number=e164(callee),
        started_at=record.started_at,
        ended_at=record.finished_at or record.end_time or record.completed_at,
        duration_seconds=record.call_sec,
        cost=record.cost,
        currency=currency_code(record.currency),
        end_reason=end_reason(_END_REASONS, record.hangup_cause or None, status),
        provider_end_reason=record.hangup_cause or None,
        billed_seconds=record.billed_sec,
    )


def costs(record: Record, _: Call | None) -> list[CostLine]:
    """Make the line of a detail record, a leg or a service, in the cost of its session."""
    if record.cost is None:
        return []
    name = plain_name(record.record_type or "")
    return [
        CostLine(
            call_id=session_of(record),
            line=f"{record.record_type}/{record.id}",
            call_started_at=record.started_at,
            component=_COMPONENTS.get(name, "telephony" if _is_leg(record) else "other"),
            provider_component=record.record_type,
            amount=record.cost,
            currency=currency_code(record.currency),
            rate=record.rate,
        )
    ]


def session_of(record: Record) -> str:
    """Return the session that a record belongs to, or else the leg, or else the record's id."""
    session: str = (
        record.telnyx_session_id
        or record.call_session_id
        or record.call_id
        or record.telnyx_leg_id
        or record.call_leg_id
        or record.id
    )
    return session


def _is_leg(record: Record) -> bool:
    """Return whether a record is a leg; a record of an unknown type, if it looks like one."""
    if record.record_type is None:
        return True
    name = plain_name(record.record_type)
    if name in LEGS or name in SERVICES:
        return name in LEGS
    ends = (record.cli or record.caller_number, record.cld or record.dest_number)
    return all(ends) and record.call_sec is not None


def _channel(record: Record, caller: str | None, callee: str | None) -> Channel:
    channel = normalize_enum(_CHANNELS, plain_name(record.record_type or ""))
    if channel == "phone":  # the Voice API calls telephones and SIP addresses
        return channel_of(callee, caller) or channel
    return channel


def _status(record: Record) -> Status:
    """Return the status: decided by whether the leg was connected, then by its hangup cause."""
    if record.connected or record.answered_at:
        return "completed"
    cause = normalize_enum(_CAUSES, record.hangup_cause)
    if cause != UNKNOWN:
        return cause
    ended = normalize_enum(_NORMAL, record.hangup_cause)
    if record.connected is None:
        return ended
    return "failed" if ended == UNKNOWN else "no_answer"
