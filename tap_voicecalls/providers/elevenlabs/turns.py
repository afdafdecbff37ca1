"""ElevenLabs: the turns of a conversation, and its recording."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.calls.turn import Turn
from tap_voicecalls.common.times import time_of_seconds
from tap_voicecalls.providers.elevenlabs.calls import is_text_chat
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

_ROLES: Mapping[str, Role] = {"user": "caller", "agent": "agent"}
# Names of `conversation_turn_metrics` in published responses, in seconds.
_METRICS = {
    "response_seconds": "convai_ttf_audio_since_silence",
    "endpointing_seconds": "convai_turn_silence_before_initiation",
    "stt_seconds": "convai_turn_asr_latency",
    "llm_seconds": "convai_llm_service_ttfb",
    "tts_seconds": "convai_tts_service_ttfb",
}


def turns(record: Record) -> list[Turn]:
    """Make the turns of a conversation; a tool and its result follow the turn that called it."""
    if is_text_chat(record):
        return []
    return [turn for entry in record.transcript or () if entry for turn in _turns(record, entry)]


def recordings(record: Record) -> list[Recording]:
    """Make the recording of a conversation, which the API plays without a link."""
    if not record.has_audio or is_text_chat(record):
        return []
    return [
        Recording(call_id=record.conversation_id, recording="0", call_started_at=record.started_at)
    ]


def _turns(record: Record, entry: Mapping[str, Any]) -> Iterator[Turn]:
    text, calls = _text_of(entry), [each for each in entry.get("tool_calls") or () if each]
    if text is not None or not (calls or entry.get("tool_results")):
        yield _turn(
            record,
            entry,
            # What the client tells the agent is spoken by nobody.
            role="system"
            if entry.get("contextual_update_info")
            else normalize_enum(_ROLES, entry.get("role")),
            text=text,
            interrupted=entry.get("interrupted"),
            **_metrics(entry.get("conversation_turn_metrics")),
        )
    for asked in calls:
        yield _turn(
            record,
            entry,
            role="tool",
            tool_name=asked.get("tool_name"),
            tool_arguments=asked.get("params_as_json"),
            provider_turn_id=asked.get("request_id"),
        )
    for got in (each for each in entry.get("tool_results") or () if each):
        yield _turn(
            record,
            entry,
            role="tool",
            tool_name=got.get("tool_name"),
            tool_result=got.get("result_value"),
            tool_failed=got.get("is_error"),
            provider_turn_id=got.get("request_id"),
        )


def _turn(record: Record, entry: Mapping[str, Any], **fields: Any) -> Turn:  # noqa: ANN401 - of the turn
    metadata, offset = record.metadata, entry.get("time_in_call_secs")
    start = metadata and metadata.start_time_unix_secs
    at = None if offset is None or start is None else time_of_seconds(add(start, offset))
    return Turn(
        call_id=record.conversation_id,
        call_started_at=record.started_at,
        provider_role=entry.get("role"),
        offset_seconds=offset,
        started_at=at,
        **fields,
    )


def _text_of(entry: Mapping[str, Any]) -> str | None:
    """Return what was said; several voices of one turn are one text."""
    text = str(entry.get("message") or "")
    if text.strip():
        return text
    several = entry.get("multivoice_message")
    parts = several.get("parts") if isinstance(several, dict) else None
    parts = parts if isinstance(parts, list) else []
    said = [part.get("text") for part in parts if isinstance(part, dict)]
    return " ".join(one for one in said if isinstance(one, str)) or text or None


def _metrics(sent: object) -> dict[str, Any]:
    """Read ``{"metrics": {name: {"elapsed_time": s}}}``; older responses lack the outer object."""
    named = sent.get("metrics", sent) if isinstance(sent, dict) else None
    found = {}
    for column, name in _METRICS.items():
        measured = named.get(name) if isinstance(named, dict) else None
        value = measured.get("elapsed_time") if isinstance(measured, dict) else None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            found[column] = value
    return found
