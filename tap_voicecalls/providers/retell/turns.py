"""Retell: the turns of a call, and its recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.recording import Recording
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

    Calls of tools have no time; they stand where they happened.
    """
    entries = record.transcript_with_tool_calls or record.transcript_object or []
    return [_turn(record, entry) for entry in entries if entry]


def recordings(record: Record) -> list[Recording]:
    """Make the recordings of a call; signed links live a day."""
    links = {"0": record.recording_url, "multi_channel": record.recording_multi_channel_url}
    return [
        Recording(
            call_id=record.call_id,
            recording=name,
            call_started_at=record.started_at,
            url=url,
            channels=2 if name == "multi_channel" else None,
        )
        for name, url in links.items()
        if url
    ]


def _turn(record: Record, entry: Mapping[str, Any]) -> Turn:
    role, content = entry.get("role"), entry.get("content") or entry.get("digit") or None
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
        tool_name=entry.get("name"),
        tool_arguments=entry.get("arguments"),
        tool_result=content if is_result else None,
        tool_failed=None if succeeded is None else not succeeded,
        provider_turn_id=entry.get("tool_call_id"),
    )


def _times(entry: Mapping[str, Any]) -> tuple[int | Decimal | None, Decimal | None]:
    """Return the offset and the length of a turn, by its first and its last word."""
    words = [word for word in entry.get("words") or () if word]
    start = words[0].get("start") if words else entry.get("time_sec")
    end = words[-1].get("end") if words else None
    return start, None if start is None or end is None else subtract(end, start)


def _start(record: Record, offset: int | Decimal | None) -> str | None:
    if offset is None or record.start_timestamp is None:
        return None
    return time_of_millis(add(record.start_timestamp, offset * 1000))
