"""The records of a conversation in the ElevenLabs API (source: its Python SDK, types)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.seeding import chance, seeded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROCESSED_AFTER = timedelta(seconds=60)
_REASONS = ("end_call tool was called.", "Client disconnected: 1000", "Call ended by remote party")
_CHAT_ONE_IN = 5


def seconds(moment: datetime) -> int:
    """Return a time as Unix seconds, truncated."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def key_of(call: Call) -> str:
    """Return the identifier of a conversation."""
    return f"conv_{call.key.replace('-', '')}"


def is_chat(call: Call, *, has_chats: bool) -> bool:
    """Return whether a conversation is a text chat."""
    return has_chats and call.channel != "phone" and call.seed % _CHAT_ONE_IN == 0


def status(call: Call, now: datetime) -> str:
    """Return the status at a time: for a minute after the end a conversation is processed."""
    if not call.ended(now):
        return "in-progress"
    if not call.costed(now) or now < call.end + _PROCESSED_AFTER:
        return "processing"
    return "done" if call.answered else "failed"


def item(call: Call, now: datetime, *, has_chats: bool) -> Record:
    """Return a record of the list."""
    final = status(call, now) in {"done", "failed"}
    rng = seeded(call.seed)
    return {
        **_common(call, now),
        "agent_name": call.agent.name if call.agent else None,
        "start_time_unix_secs": seconds(call.start),
        "call_duration_secs": _length(call) if final else 0,
        "message_count": 4 if final else 0,
        "termination_reason": _reason(call) if final else "",
        "call_successful": rng.choice(("success", "failure", "unknown")) if final else "unknown",
        "transcript_summary": _summary(call) if final else None,
        "main_language": call.language,
        "conversation_initiation_source": _source(call, has_chats=has_chats),
        "tool_names": ["book"],
        "direction": call.direction if call.channel == "phone" else None,
        "sentiment_analysis": {"overall_label": rng.choice(("positive", "neutral", "negative"))}
        if final
        else None,
    }


def details(call: Call, now: datetime, *, has_chats: bool, has_fiat: bool) -> Record:
    """Return a conversation with what was said and what it cost."""
    final = status(call, now) in {"done", "failed"}
    rng = seeded(call.seed)
    successful = rng.choice(("success", "failure", "unknown"))
    metadata: Record = {
        "start_time_unix_secs": seconds(call.start),
        "call_duration_secs": _length(call) if final else 0,
        "text_only": is_chat(call, has_chats=has_chats),
        "main_language": call.language,
        "termination_reason": _reason(call) if final else "",
        "authorization_method": "authorization_header",
        "conversation_initiation_source": _source(call, has_chats=has_chats),
        "phone_call": _phone(call) if call.channel == "phone" else None,
    }
    if final and call.answered:
        metadata |= _cost(call, has_fiat=has_fiat)
    said = phrases.dialogue(rng, call.language, call.customer, call.duration)
    return {
        **_common(call, now),
        "metadata": metadata,
        "analysis": {
            "call_successful": successful,
            "transcript_summary": _summary(call),
        }
        if final
        else None,
        "transcript": [_turn(number, turn) for number, turn in enumerate(said)]
        if final and call.answered
        else [],
        "has_audio": final and call.answered and chance(rng, 0.8),
        "user_id": None,
    }


def _common(call: Call, now: datetime) -> Record:
    return {
        "conversation_id": key_of(call),
        "agent_id": call.agent.key if call.agent else None,
        "version_id": f"agtvrsn_{call.agent.version}" if call.agent else None,
        "status": status(call, now),
    }


def _length(call: Call) -> int:
    return int(call.duration)


def _reason(call: Call) -> str:
    return _REASONS[call.seed % len(_REASONS)] if call.answered else ""


def _summary(call: Call) -> str | None:
    return phrases.summary(call.language, call.customer) if call.answered else None


def _source(call: Call, *, has_chats: bool) -> str:
    if is_chat(call, has_chats=has_chats):
        return "whatsapp" if call.seed % 2 else "widget"
    return ("twilio", "sip_trunk")[call.seed % 2] if call.channel == "phone" else "widget"


def _phone(call: Call) -> Record:
    twilio = call.seed % 2 == 0
    sid = f"CA{call.key.replace('-', '')}" if twilio else f"SCL_{call.number}"
    return {
        "type": "twilio" if twilio else "sip_trunking",
        "direction": call.direction,
        "agent_number": call.business_number,
        "external_number": call.shown_customer,
        "call_sid": sid,
    }


def _cost(call: Call, *, has_fiat: bool) -> Record:
    """Return the cost: credits, and money if it is told."""
    length = _length(call)
    llm, platform = Decimal(length).scaleb(-5), Decimal(length * 8).scaleb(-4)
    used: Record = {"cost": length * 10}
    charging: Record = {
        "llm_charge": length,
        "platform_charge": length * 9,
        "tier": "pro",
        "tts_usage": {"total_characters": 9},
    }
    if has_fiat:
        used["cost_fiat"] = llm + platform
        charging |= {"llm_price": llm, "platform_price": platform}
    return used | {"charging": charging}


def _turn(number: int, said: phrases.Turn) -> Record:
    turn: Record = {
        "role": said.speaker,
        "message": said.text,
        "time_in_call_secs": int(said.seconds),
        "interrupted": number == 2,  # noqa: PLR2004 - the agent's second turn
    }
    if said.speaker == "user":
        return turn
    metrics = {
        "convai_ttf_audio_since_silence": Decimal("1.25") + number,
        "convai_llm_service_ttfb": Decimal("0.5"),
        "convai_tts_service_ttfb": Decimal("0.25"),
    }
    turn["conversation_turn_metrics"] = {
        "metrics": {name: {"elapsed_time": value} for name, value in metrics.items()}
    }
    if number == 0:
        named: Record = {"request_id": "r-1", "tool_name": "book"}
        turn["tool_calls"] = [named | {"params_as_json": '{"day": "Tuesday"}'}]
        turn["tool_results"] = [named | {"result_value": "booked", "is_error": False}]
    return turn


def agents(calls: Iterable[Call]) -> list[Record]:
    """Return the agents that the calls name."""
    found = {call.agent.key: call.agent for call in calls if call.agent}
    return [
        {
            "agent_id": agent.key,
            "name": agent.name,
            "tags": ["sales"],
            "created_at_unix_secs": 1_764_579_600 + agent.number,
            "last_call_time_unix_secs": None,
            "archived": False,
            "access_info": {"is_creator": True, "role": "admin", "creator_name": "A"},
        }
        for agent in sorted(found.values(), key=lambda agent: agent.number)
    ]
