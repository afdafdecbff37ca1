"""Voicy: the turns of a call, from the transcript of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.turn import Turn, as_text
from tap_voicecalls.common.times import seconds_of, time_of_millis
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

# models/call: agent, caller and system; the changelog and the samples of webhooks say user.
_ROLES: Mapping[str, Role] = {
    "agent": "agent",
    "caller": "caller",
    "user": "caller",
    "system": "system",
}
# Fields of `latency_breakdown`, of the API's older form, by the column that holds them.
_LATENCIES = {
    "response_seconds": "total_perceived_ms",
    "endpointing_seconds": "vad_delay_ms",
    "stt_seconds": "stt_finalize_ms",
    "llm_seconds": "llm_startup_ms",
    "tts_seconds": "tts_synthesis_ms",
    "network_seconds": "send_overhead_ms",
}
_FIRST_FAILURE = 400  # the first HTTP status of an error


def turns(record: Record) -> list[Turn]:
    """Make the turns of a call's details.

    The first form of the API sends them as `transcript_object`, without times, beside a text; where
    there is only the text, it is one turn.
    """
    entries = record.transcript or record.transcript_object or []
    made = [_turn(record, entry) for entry in entries if entry]
    if made:
        return made
    text = (record.additional_fields or {}).get("transcript")
    if isinstance(text, str) and text.strip():
        return [Turn(call_id=record.call_id, call_started_at=record.started_at, text=text)]
    return []


def _turn(record: Record, entry: Mapping[str, Any]) -> Turn:
    millis = entry.get("timestamp_ms")
    return Turn(
        call_id=record.call_id,
        call_started_at=record.started_at,
        role="tool" if _is_of_a_tool(entry) else normalize_enum(_ROLES, entry.get("role")),
        provider_role=entry.get("role"),
        text=entry.get("content") or None,
        offset_seconds=None if millis is None else seconds_of(millis),
        started_at=_start(record, millis),
        **_latencies(entry.get("latency_breakdown") or {}),
        **_tool(entry),
    )


def _is_of_a_tool(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("function_invocation") or entry.get("function_result"))


def _start(record: Record, millis: int | Decimal | None) -> str | None:
    if millis is None or record.start_timestamp is None:
        return None
    return time_of_millis(add(record.start_timestamp, millis))


def _latencies(breakdown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column: seconds_of(breakdown[field])
        for column, field in _LATENCIES.items()
        if breakdown.get(field) is not None
    }


def _tool(entry: Mapping[str, Any]) -> dict[str, Any]:
    asked = entry.get("function_invocation") or {}
    got = entry.get("function_result") or {}
    status = got.get("status_code")
    return {
        "tool_name": asked.get("node_name") or got.get("node_name"),
        "tool_arguments": as_text(asked.get("request_body")),
        "tool_result": as_text(got.get("response_body")),
        "tool_failed": None if status is None else status >= _FIRST_FAILURE,
        "provider_turn_id": asked.get("invocation_id") or got.get("invocation_id"),
    }
