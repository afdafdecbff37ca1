"""Telnyx: the turns of a call, from the messages of its AI conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.turn import Turn, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

# Messages of a conversation, `role`.
_ROLES: Mapping[str, Role] = {
    "user": "caller",
    "assistant": "agent",
    "tool": "tool",
    "system": "system",
}


def turns(record: Record) -> list[Turn]:
    """Make the turn of a message, and one of each tool that it calls; of a text chat none."""
    if record.call_id is None:
        return []
    role = normalize_enum(_ROLES, record.role)
    text = record.text or None
    made = []
    if role == "tool":
        made = [_turn(record, role=role, tool_result=text)]
    elif text or not record.tool_calls:
        made = [_turn(record, role=role, text=text)]
    return made + [
        _turn(record, role="tool", tool_name=name, tool_arguments=arguments, provider_turn_id=one)
        for one, name, arguments in _tools(record.tool_calls)
    ]


def _tools(called: object) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Yield the id, name and arguments of each tool."""
    for call in called if isinstance(called, list) else ():
        match call:
            case {"function": {"name": name} as function}:
                yield as_text(call.get("id")), as_text(name), as_text(function.get("arguments"))


def _turn(record: Record, **facts: Any) -> Turn:  # noqa: ANN401 - the fields of a turn
    return Turn(
        call_id=record.call_id,
        call_started_at=record.conversation_created_at,
        provider_role=record.role,
        started_at=record.sent_at or record.created_at,
        **facts,
    )
