"""Retell: the turns of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.turn import Turn
from tap_voicecalls.common.times import time_of_millis
from tap_voicecalls.records.exact import add, subtract

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

# phone_call_response.py. What no party said is of the system; the target of a transfer is neither
# the caller nor the agent.
_ROLES: Mapping[str, Role] = {
    "agent": "agent",
    "user": "caller",
    "tool_call_invocation": "tool",
    "tool_call_result": "tool",
    "node_transition": "system",
    "dtmf": "system",
    "sms": "system",
    "injected": "system",
}
_RESULT = "tool_call_result"


def turns(record: Record) -> list[Turn]:
    """Make the turns of a call's details, in the order in which they are sent.

    Calls of tools have no time; they stand where they happened. An account that stores no personal
    data has a scrubbed transcript only. Where there is only a text, it is one turn.
    """
    for transcript in (
        record.transcript_with_tool_calls,
        record.transcript_object,
        record.scrubbed_transcript_with_tool_calls,
    ):
        if entries := [entry for entry in transcript or () if entry]:
            named = [entry for entry in entries if entry.get("name")]
            tools = {entry.get("tool_call_id"): entry["name"] for entry in named}
            return [_turn(record, entry, tools) for entry in entries]
    text = record.transcript
    if text and text.strip():
        return [Turn(call_id=record.call_id, call_started_at=record.started_at, text=text)]
    return []


def _turn(record: Record, entry: Mapping[str, Any], tools: Mapping[Any, str]) -> Turn:
    role, content = entry.get("role"), _content(entry)
    offset, duration = _times(entry)
    is_result = role == _RESULT
    succeeded = entry.get("successful")
    return Turn(
        call_id=record.call_id,
        call_started_at=record.started_at,
        role=normalize_enum(_ROLES, role),
        provider_role=role,
        text=None if is_result else content,
        offset_seconds=offset,
        duration_seconds=duration,
        started_at=_start(record, offset),
        # A result names the call of the tool only.
        tool_name=entry.get("name") or tools.get(entry.get("tool_call_id")),
        tool_arguments=entry.get("arguments"),
        tool_result=content if is_result else None,
        tool_failed=None if succeeded is None else not succeeded,
        provider_turn_id=entry.get("tool_call_id"),
    )


def _content(entry: Mapping[str, Any]) -> str | None:
    """Return what was said or happened; spaces hide no digit that was pressed."""
    texts = [entry.get(name) for name in ("content", "digit", "new_node_name")]
    found = [text for text in texts if isinstance(text, str) and text]
    return next((text for text in found if text.strip()), next(iter(found), None))


def _times(entry: Mapping[str, Any]) -> tuple[int | Decimal | None, Decimal | None]:
    """Return the offset and the length of a turn, by the words that have times."""
    words = [word for word in entry.get("words") or () if word]
    starts = [word["start"] for word in words if word.get("start") is not None]
    ends = [word["end"] for word in words if word.get("end") is not None]
    if not starts:
        return entry.get("time_sec"), None
    start = min(starts)
    is_known = ends and max(ends) >= start
    return start, subtract(max(ends), start) if is_known else None


def _start(record: Record, offset: int | Decimal | None) -> str | None:
    if offset is None or record.start_timestamp is None:
        return None
    return time_of_millis(add(record.start_timestamp, offset * 1000))
