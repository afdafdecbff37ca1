"""The records of a call in the Retell API (source: its SDK, call_list_response.py)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.seeding import chance, seeded

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outcome to the reasons of an ended call; a more frequent one is listed more often.
_REASONS = {
    "completed": ("user_hangup", "user_hangup", "agent_hangup", "call_transfer"),
    "inactivity": ("inactivity",),
    "busy": ("dial_busy",),
    "no_answer": ("dial_no_answer",),
    "failed": ("dial_failed", "error_llm_websocket_open"),
    "canceled": ("user_declined",),
}
_NEVER_STARTED = {"failed", "canceled"}
_ANALYZED_AFTER = timedelta(seconds=20)
_TWILIO_ONE_IN = 2


def milliseconds(moment: datetime) -> int:
    """Return a time as Unix milliseconds, truncated."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def has_start(call: Call, *, unstarted: bool) -> bool:
    """Return whether a call has a start; with `unstarted` failed ones have none."""
    return call.has_start and not (unstarted and call.outcome in _NEVER_STARTED)


def status(call: Call, now: datetime) -> str:
    """Return the call_status at a time."""
    if not call.ended(now):
        return "ongoing"
    if call.answered:
        return "ended"
    return "error" if _reason(call).startswith("error") else "not_connected"


def item(call: Call, now: datetime, *, is_started: bool) -> Record:
    """Return a record of the list.

    Args:
        call: The call.
        now: Aware UTC datetime; a call that has not ended has no end, analysis or cost.
        is_started: Whether the call has a start.
    """
    rng = seeded(call.seed)
    ended = call.ended(now)
    record: Record = {
        "call_id": call.key,
        "call_type": "web_call" if call.channel == "web" else "phone_call",
        "call_status": status(call, now),
        "agent_id": call.agent.key if call.agent else None,
        "agent_name": call.agent.name if call.agent else None,
        "agent_version": call.agent.version if call.agent else None,
        "metadata": {"customer": call.customer},
        "start_timestamp": milliseconds(call.start) if is_started else None,
        "data_storage_setting": "everything",
        "opt_in_signed_url": False,
    }
    if call.channel == "web":
        record["access_token"] = f"ey{call.key}"
    else:
        record |= _of_phone(call)
    if not ended:
        return record
    record |= {
        "end_timestamp": milliseconds(call.end) if is_started else None,
        "duration_ms": milliseconds(call.end) - milliseconds(call.start) if is_started else None,
        "disconnection_reason": _reason(call),
        "latency": _latency(call, rng) if call.answered else {},
    }
    if call.costed(now) and call.answered:
        record["call_cost"] = _cost(call, rng)
    return record | _analysis(call, rng, now)


def details(call: Call, now: datetime) -> Record:
    """Return the fields that only the details have."""
    rng = seeded(call.seed + 1)
    if not call.ended(now) or not call.answered:
        return {}
    said = phrases.dialogue(rng, call.language, call.customer, call.duration)
    spoken = [_spoken(turn) for turn in said]
    address = f"https://recordings.retell.example/{call.key}"
    tools: list[Record] = [
        {
            "role": "tool_call_invocation",
            "tool_call_id": f"tool-{call.number}",
            "name": "book",
            "arguments": '{"day": "Tuesday"}',
        },
        {
            "role": "tool_call_result",
            "tool_call_id": f"tool-{call.number}",
            "content": '{"ok": true}',
            "successful": True,
        },
    ]
    return {
        "transcript": "\n".join(f"{turn.speaker}: {turn.text}" for turn in said),
        "transcript_object": spoken,
        "transcript_with_tool_calls": [*spoken[:2], *tools, *spoken[2:]],
        "recording_url": f"{address}/recording.wav",
        "recording_multi_channel_url": f"{address}/multi.wav" if chance(rng, 0.5) else None,
    }


def _of_phone(call: Call) -> Record:
    twilio = call.seed % _TWILIO_ONE_IN == 0
    return {
        "direction": call.direction,
        "from_number": call.shown_from,
        "to_number": call.to_number,
        "telephony_identifier": {"twilio_call_sid": f"CA{call.key.replace('-', '')}"}
        if twilio
        else None,
    }


def _reason(call: Call) -> str:
    words = _REASONS[call.outcome]
    return words[call.seed % len(words)]


def _analysis(call: Call, rng: random.Random, now: datetime) -> Record:
    if not call.answered or now < call.end + _ANALYZED_AFTER:
        return {}
    return {
        "call_analysis": {
            "call_summary": phrases.summary(call.language, call.customer),
            "user_sentiment": rng.choice(("Negative", "Positive", "Neutral", "Unknown")),
            "call_successful": chance(rng, 0.8),
            "in_voicemail": call.outcome == "inactivity",
            "custom_analysis_data": {"intent": "reschedule"},
        }
    }


def _cost(call: Call, rng: random.Random) -> Record:
    """Return the cost in cents, with fractions; the sum is less some discount."""
    seconds = Decimal(int(call.duration) + 1)
    prices = {
        "elevenlabs_tts": "0.0666667",
        "gpt_4_1": "0.075",
        "retell_voice_engine": "0.0916667",
        "us_twilio_telephony": "0.025",
    }
    products: list[Record] = [
        {"product": name, "unit_price": Decimal(price), "cost": Decimal(price) * seconds}
        for name, price in prices.items()
    ]
    products.append({"product": "gpt_4_1_text_testing", "unit_price": 1.5, "cost": Decimal("1.5")})
    if _reason(call) == "call_transfer":
        leg: Record = {"product": "us_twilio_telephony", "is_transfer_leg_cost": True}
        products.append(leg | {"unit_price": Decimal("0.025"), "cost": Decimal("0.75")})
    total = sum((Decimal(str(product["cost"])) for product in products), Decimal(0))
    discount = Decimal("0.5") if chance(rng, 0.2) else Decimal(0)
    return {
        "combined_cost": total - discount,
        "product_costs": products,
        "total_duration_seconds": seconds,
        "total_duration_unit_price": Decimal("0.2583334"),
    }


def _latency(call: Call, rng: random.Random) -> Record:
    del call
    values = [rng.randint(400, 2400) for _ in range(3)]
    return {"e2e": {"p50": sorted(values)[1], "num": len(values), "values": values}}


def _spoken(turn: phrases.Turn) -> Record:
    words = turn.text.split()
    start = Decimal(str(turn.seconds))
    return {
        "role": turn.speaker,
        "content": turn.text,
        "words": [
            {"word": word, "start": start + number, "end": start + number + Decimal("0.5")}
            for number, word in enumerate(words)
        ],
    }


def agents(calls: Iterable[Call]) -> list[Record]:
    """Return the agents that the calls name."""
    found = {call.agent.key: call.agent for call in calls if call.agent}
    return [
        {
            "agent_id": agent.key,
            "agent_name": agent.name,
            "channel": "voice",
            "tags": {"prod": agent.version},
            "user_modified_timestamp": 1_764_579_600_000 + agent.number,
        }
        for agent in sorted(found.values(), key=lambda agent: agent.number)
    ]
