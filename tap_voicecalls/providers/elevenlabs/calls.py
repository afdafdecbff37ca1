"""ElevenLabs: normalization of a conversation of the list, or of its details.

Source: the Python SDK at 54e5899, types/conversation_summary_response_model.py and others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import (
    DIRECTIONS,
    SENTIMENTS,
    Call,
    currency_of,
    has_words,
    identifier,
    normalize_enum,
    says_words,
)
from tap_voicecalls.calls.phone import caller_withheld, e164
from tap_voicecalls.common.times import time_of_seconds
from tap_voicecalls.providers.elevenlabs.costs import CURRENCY
from tap_voicecalls.providers.elevenlabs.text_chats import TELEPHONES, TEXT_SOURCES, WHATSAPP
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.call import (
        Channel,
        EndedBy,
        EndReason,
        Status,
    )
    from tap_voicecalls.records.record_type import Record

# conversation_summary_response_model_status.py. In `processing` a conversation has ended, but it
# has no cost yet.
STATUSES: Mapping[str, Status] = {
    "initiated": "in_progress",
    "in_progress": "in_progress",
    "processing": "in_progress",
    "done": "completed",
    "failed": "failed",
}

# conversation_initiation_source.py: a telephone, a browser or an app.
_CHANNELS: Mapping[str, Channel] = {
    "twilio": "phone",
    "exotel": "phone",
    "sip_trunk": "sip",
    "sip_trunking": "sip",  # the word of `phone_call.type`
    "genesys": "sip",
    "genesys_bot_connector": "sip",
    **dict.fromkeys(
        ("node_js_sdk", "react_sdk", "js_sdk", "python_sdk", "widget", "template_preview"), "web"
    ),
    **dict.fromkeys(("android_sdk", "swift_sdk", "flutter_sdk", "react_native_sdk"), "app"),
}
_SUCCESSES = {"success": True, "failure": False}
# Not documented: parts of the texts in published responses. A client that closes its connection
# sends a code (RFC 6455, 7.4.1), and does not say who hung up.
_ENDS: tuple[tuple[str, EndReason, EndedBy], ...] = (
    ("end_call tool was called", "agent_hangup", "agent"),
    ("voicemail_detection tool was called", "voicemail", "agent"),
    ("call ended by remote party", "caller_hangup", "caller"),
    ("seconds of silence", "inactivity", "system"),
    ("exceeded maximum duration", "max_duration", "system"),
    ("client disconnected: 1000", "completed", "unknown"),
    ("client disconnected: 1001", "completed", "unknown"),
    ("client disconnected: 1005", "completed", "unknown"),
)
# conversation_history_transcript_*_result: the results of the tool transfer_to_number.
_TRANSFERRED = {
    "transfer_to_number_twilio_success",
    "transfer_to_number_sip_success",
    "transfer_to_number_exotel_success",
}

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`elevenlabs_conversation_details` if that is selected, else "
    "`elevenlabs_conversations`; text chats are no calls",
    "call_id": "`conversation_id`",
    "direction": "`direction`, `phone_call.direction` of the details",
    "status": "`status`",
    "provider_status": "`status`",
    "channel": "`conversation_initiation_source`, `phone_call.type` of the details",
    "from_number": "`phone_call` of the details: `external_number`; if outbound `agent_number`",
    "from_withheld": "as `from_number`",
    "to_number": "`phone_call` of the details: `agent_number`; if outbound `external_number`",
    "agent_id": "`agent_id`",
    "agent_name": "`agent_name`",
    "started_at": "`start_time_unix_secs`",
    "ended_at": "`start_time_unix_secs` and `call_duration_secs`, once it is final",
    "duration_seconds": "`call_duration_secs`, once it is final",
    "cost": "`cost_fiat` of the details",
    "cost_llm": "`charging.llm_price` of the details",
    "cost_platform": "`charging.platform_price` of the details",
    "currency": "USD",
    "has_recording": "`has_audio` of the details",
    "has_transcript": "`transcript` of the details",
    "end_reason": "`termination_reason`; a transfer by the results of tools of the details",
    "provider_end_reason": "`termination_reason`",
    "ended_by": "`termination_reason`",
    "transferred_to": "`transfer_number` in the results of tools of the details",
    "carrier": "`twilio` if `phone_call.type` of the details says so",
    "carrier_call_id": "`phone_call.call_sid` of the details, for that type",
    "agent_version": "`version_id`",
    "language": "`main_language`",
    "successful": "`call_successful`",
    "sentiment": "`sentiment_analysis.overall_label` of the list",
    "summary": "`transcript_summary`",
    "turns": "number of turns of the details",
    "interruptions": "`interrupted` of the turns of the details",
    "response_seconds": "mean of `convai_ttf_audio_since_silence` of the details",
}
"""Where the fields of a call come from, in Markdown; the others are not reported."""


def normalize(record: Record) -> Call | None:
    """Map a conversation to a call; None for a text chat."""
    if is_text_chat(record):
        return None
    metadata = _metadata(record)
    source = getattr(metadata, "conversation_initiation_source", None)
    reason = metadata and metadata.termination_reason
    length = metadata and metadata.call_duration_secs
    end_reason, ended_by = _end(reason)
    analysis = getattr(record, "analysis", record)
    sentiment = getattr(record, "sentiment_analysis", None)
    call = Call(
        call_id=record.conversation_id,
        direction=normalize_enum(DIRECTIONS, getattr(record, "direction", None)),
        status=normalize_enum(STATUSES, record.status),
        provider_status=record.status,
        channel=normalize_enum(_CHANNELS, source),
        agent_id=identifier(record.agent_id),
        agent_name=record.agent_name or None,
        started_at=record.started_at,
        ended_at=end_of(record),
        duration_seconds=length if is_final(record.status) else None,
        end_reason=end_reason,
        provider_end_reason=reason or None,
        ended_by=ended_by,
        agent_version=identifier(record.version_id),
        language=(metadata and metadata.main_language) or None,
        successful=_SUCCESSES.get((analysis and analysis.call_successful) or ""),
        sentiment=normalize_enum(SENTIMENTS, sentiment and sentiment.overall_label),
        summary=(analysis and analysis.transcript_summary) or None,
    )
    if hasattr(record, "metadata"):
        _fill_from_details(call, record)
    return call


def is_text_chat(record: Record) -> bool:
    """Return whether a conversation is a text chat, and no call; on a telephone it never is."""
    metadata = _metadata(record)
    source = getattr(metadata, "conversation_initiation_source", None)
    if source in TELEPHONES or getattr(metadata, "phone_call", None) is not None:
        return False
    if source in TEXT_SOURCES or getattr(metadata, "sms", None) is not None:
        return True
    text_only: bool | None = getattr(metadata, "text_only", None)
    if text_only is not None:
        return text_only
    return source == WHATSAPP or getattr(metadata, "whatsapp", None) is not None


def start_of(record: Record) -> str | None:
    """Return when a conversation started."""
    metadata = _metadata(record)
    start = metadata and metadata.start_time_unix_secs
    return None if start is None else time_of_seconds(start)


def end_of(record: Record) -> str | None:
    """Return when a conversation ended; None as long as it is not final."""
    metadata = _metadata(record)
    start = metadata and metadata.start_time_unix_secs
    length = metadata and metadata.call_duration_secs
    if start is None or length is None or not is_final(record.status):
        return None
    return time_of_seconds(add(start, length))


def is_final(status: str | None) -> bool:
    """Return whether a conversation has ended and does not change by itself."""
    return normalize_enum(STATUSES, status) in {"completed", "failed"}


def _metadata(record: Record) -> Record:
    """Return what has the start and the length: an object of the details, or the listed record."""
    return getattr(record, "metadata", record)


def _end(reason: str | None) -> tuple[EndReason, EndedBy]:
    text = (reason or "").lower()
    for part, end_reason, ended_by in _ENDS:
        if part in text:
            return end_reason, ended_by
    return "unknown", "unknown"


def _transferred_to(record: Record) -> str | None:
    """Return the number that the agent transferred the call to."""
    for entry in record.transcript or ():
        for got in (entry and entry.get("tool_results")) or ():
            match got and _was_called(got) and got.get("result"):
                case {"result_type": str(kind), "transfer_number": str(number)} if (
                    kind in _TRANSFERRED
                ):
                    return number
    return None


def _was_called(got: Mapping[str, Any]) -> bool:
    """Return whether a tool did what it was called for: its result is that of success anyway."""
    is_called = got.get("tool_has_been_called") is not False
    return is_called and not (got.get("is_error") or got.get("is_blocked"))


def _fill_from_details(call: Call, record: Record) -> None:
    metadata = record.metadata
    call.has_recording = record.has_audio
    # Several voices of one turn stand beside a `message` that is null.
    call.has_transcript = says_words(record, "transcript") or any(
        has_words(entry and entry.get("multivoice_message")) for entry in record.transcript or ()
    )
    if number := _transferred_to(record):
        call.transferred_to, call.end_reason, call.ended_by = e164(number), "transferred", "agent"
    if metadata is None:
        return
    # Older conversations have prices of parts only, which need not be all of the parts.
    call.cost = metadata.cost_fiat
    if metadata.charging:
        call.cost_llm = metadata.charging.llm_price
        call.cost_platform = metadata.charging.platform_price
    call.currency = currency_of(CURRENCY, call.cost, call.cost_llm, call.cost_platform)
    if (phone := metadata.phone_call) is None:
        return
    call.direction = normalize_enum(DIRECTIONS, phone.direction)
    call.channel = normalize_enum(_CHANNELS, phone.type)
    ends = phone.external_number, phone.agent_number
    sender, receiver = ends[::-1] if call.direction == "outbound" else ends
    call.from_number, call.to_number = e164(sender), e164(receiver)
    call.from_withheld = caller_withheld(sender)
    if phone.type == "twilio" and phone.call_sid:
        call.carrier, call.carrier_call_id = "twilio", phone.call_sid
