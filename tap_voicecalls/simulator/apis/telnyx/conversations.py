"""AI conversations in the Telnyx API: calls with an assistant, and text chats.

Source: developers.telnyx.com/api-reference/conversations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.api import iso
from tap_voicecalls.simulator.apis.telnyx.records import legs
from tap_voicecalls.simulator.seeding import chance, identifier, seeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

_CHATS_ONE_IN = 7
_INSIGHTS_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation.

    Attributes:
        key: UUID.
        call: The call, or whose customer wrote.
        is_chat: Whether it is a text chat.
        messages: Its messages, the oldest first.
        last: When the latest message was written.
    """

    key: str
    call: Call
    is_chat: bool
    messages: Sequence[Record]
    last: datetime


def all_conversations(calls: Sequence[Call]) -> list[Conversation]:
    """Return all conversations by their latest message."""
    found = [one for call in calls for one in _of_call(call)]
    return sorted(found, key=lambda one: (one.last, one.key))


def has_assistant(call: Call) -> bool:
    """Return whether an AI assistant answered a call."""
    return call.agent is not None and call.answered and call.seed % 3 == 0


def control_id(call: Call) -> str:
    """Return a call's id in the Call Control API."""
    return f"v3:{call.key.replace('-', '')}"


def _of_call(call: Call) -> list[Conversation]:
    kinds = [False] if has_assistant(call) else []
    kinds += [True] if call.agent and call.seed % _CHATS_ONE_IN == 0 else []
    found = []
    for is_chat in kinds:
        key = str(uuid5(UUID(call.key), "chat" if is_chat else "call"))
        messages = _messages(call, is_chat=is_chat)
        last = datetime.fromisoformat(str(messages[-1]["sent_at"]))
        found.append(Conversation(key, call, is_chat, messages, last))
    return found


def conversation_record(one: Conversation, *, with_session: bool) -> Record:
    """Return a conversation as the API lists it.

    Args:
        one: The conversation.
        with_session: Whether the metadata of a call names its session.
    """
    call = one.call
    metadata: Record = {
        "assistant_id": f"assistant-{call.agent.key}" if call.agent else None,
        "telnyx_agent_target": call.business_number or "sip:agent@sip.telnyx.example",
        "telnyx_end_user_target": call.customer_number,
        "telnyx_conversation_channel": _channel(one),
        "crm_note": f"VIP {call.customer}",
    }
    if not one.is_chat:
        metadata["call_control_id"] = control_id(call)
        ids = legs(seeded(call.seed))
        metadata |= {"call_session_id": ids["telnyx_session_id"]} if with_session else {}
    return {
        "id": one.key,
        "name": f"Conversation of {call.customer}",
        "created_at": iso(call.start, "microseconds"),
        "last_message_at": iso(one.last, "microseconds"),
        "metadata": metadata,
    }


def insights(one: Conversation, now: datetime) -> list[Record]:
    """Return the insights of a conversation; pending until some time after its end."""
    done = one.last + _INSIGHTS_AFTER <= now
    summary = phrases.summary(one.call.language, one.call.customer)
    result: Record = {"insight_id": "summary", "result": summary if done else ""}
    return [
        {
            "id": str(uuid5(UUID(one.key), "insights")),
            "status": "completed" if done else "pending",
            "created_at": iso(one.last, "microseconds"),
            "conversation_insights": [result] if done else [],
        }
    ]


def _channel(one: Conversation) -> str:
    if one.is_chat:
        return "sms_chat" if one.call.channel == "phone" else "web_chat"
    return "phone_call" if one.call.channel == "phone" else "web_call"


def _messages(call: Call, *, is_chat: bool) -> list[Record]:
    rng = seeded(f"{call.seed}/{'chat' if is_chat else 'said'}")
    said = phrases.dialogue(rng, call.language, call.customer, call.duration)
    messages = []
    for turn in said:
        at = call.start + timedelta(seconds=turn.seconds)
        role = "assistant" if turn.speaker == "agent" else "user"
        messages.append(_message(role, turn.text, at))
        if role == "assistant" and chance(rng, 0.2):
            messages += _tool_call(call, identifier(rng), at)
    return messages


def _tool_call(call: Call, key: str, at: datetime) -> list[Record]:
    arguments = json.dumps({"name": call.customer}, ensure_ascii=False)
    function: Record = {"name": "find_customer", "arguments": arguments}
    called: Record = {"id": key, "type": "function", "function": function}
    asking = _message("assistant", "", at + timedelta(milliseconds=20))
    found = json.dumps({"found": True, "name": call.customer}, ensure_ascii=False)
    return [
        asking | {"tool_calls": [called]},
        _message("tool", found, at + timedelta(milliseconds=40)),
    ]


def _message(role: str, text: str, at: datetime) -> Record:
    stored = at + timedelta(milliseconds=5)
    return {
        "role": role,
        "text": text,
        "sent_at": iso(at, "microseconds"),
        "created_at": iso(stored, "microseconds"),
    }
