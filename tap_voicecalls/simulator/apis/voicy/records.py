"""The records of a call in the Voicy API (source: Voicy API reference, models/call)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.seeding import chance, money, seeded

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

DIRECTIONS = {"inbound": "incoming", "outbound": "outgoing"}
"""Direction of a call to the API's value, from the agent's side."""

_RINGS_AFTER = timedelta(seconds=2)
_CONNECTS_AFTER = timedelta(seconds=6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outcome to statuses of an ended call; a more frequent status is listed more often.
_STATUSES = {
    "completed": ("user_hangup", "user_hangup", "agent_hangup"),
    "inactivity": ("inactivity", "inactivity", "error_inactivity"),
    "busy": ("busy",),
    "no_answer": ("no_answer",),
    "failed": ("error",),
    "canceled": ("canceled",),
}
_LATENCIES = (
    "vad_delay_ms",
    "stt_finalize_ms",
    "llm_startup_ms",
    "llm_first_sentence_ms",
    "tts_synthesis_ms",
    "send_overhead_ms",
)


def milliseconds(moment: datetime) -> int:
    """Return a time as Unix milliseconds, truncated."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def status(call: Call, now: datetime) -> str:
    """Return the call_status at a time: one of three while the call runs."""
    if call.ended(now):
        words = _STATUSES[call.outcome]
        return words[call.seed % len(words)]
    if now - call.start < _RINGS_AFTER:
        return "initiated"
    return "ongoing" if call.answered and now - call.start >= _CONNECTS_AFTER else "ringing"


def item(call: Call, now: datetime, account: str) -> Record:
    """Return a record of the list.

    Args:
        call: The call.
        now: Aware UTC datetime. A call that has not ended has no duration and no cost.
        account: Id of the account.
    """
    rng = seeded(call.seed)
    ended = call.ended(now)
    agent, owner, cost = _agent(call, rng), _owner(rng, account), _cost(call, rng)
    return {
        "call_id": call.key,
        "call_type": "web_call" if call.channel == "web" else "phone_call",
        "call_status": status(call, now),
        "agent": agent,
        "account": owner,
        "from_number": call.shown_from,
        "to_number": call.to_number,
        "direction": DIRECTIONS[call.direction],
        "start_timestamp": milliseconds(call.start) if call.has_start else None,
        "duration_ms": _length(call) if ended and call.has_start else None,
        "call_cost": cost if call.costed(now) else None,
    }


def details(call: Call, now: datetime, signature: str) -> Record:
    """Return the fields that only the details have; most are null until the call ends.

    Args:
        call: The call.
        now: Aware UTC datetime.
        signature: Query string of the recording's signed URL; it expires.
    """
    rng = seeded(call.seed + 1)
    spoken = call.ended(now) and call.answered and call.has_start
    recording = f"https://recordings.voicy.example/{call.key}.mp3?{signature}"
    said = _transcript(call, rng)
    extracted: Record = {"intent": rng.choice(("reschedule", "refund", 'a "quoted" one'))}
    return {
        "transcript": said if spoken else None,
        "detected_gender": rng.choice(("female", "male", None)) if spoken else None,
        "recording_url": recording if spoken and chance(rng, 0.9) else None,
        "summary": phrases.summary(call.language, call.customer) if spoken else None,
        "vars_provided": _provided(call, rng) if call.has_start else None,
        "vars_extracted": extracted if spoken else None,
        "vars_collected": {"satisfied": chance(rng, 0.8)} if spoken and chance(rng, 0.3) else None,
    }


def agents(calls: Iterable[Call]) -> list[Record]:
    """Return the agents that the calls name."""
    found = {call.agent.key: call.agent for call in calls if call.agent}
    return [
        {
            "agent_id": agent.key,
            "name": agent.name,
            "language": "en",
            "voice": "Noa",
            "agent_type": "singlePrompt",
            "active": True,
            "prompt": "Be brief.",
            "welcome_message": "Hello, how can I help?",
            "created_at": "2025-12-01T08:00:00Z",
            "updated_at": "2025-12-02T08:00:00Z",
        }
        for agent in sorted(found.values(), key=lambda agent: agent.number)
    ]


def in_undocumented_shape(call: Call, transcript: object) -> object:
    """Return a transcript in one of several undocumented shapes, chosen by the call."""
    turns: list[Record] = transcript if isinstance(transcript, list) else []
    if not turns:
        return [{}]
    match call.seed % 3:
        case 0:
            return "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)
        case 1:
            parts = [[{"type": "text", "text": turn["content"]}] for turn in turns]
            return [{**turn, "content": part} for turn, part in zip(turns, parts, strict=True)]
        case _:
            later = Decimal("0.25")
            return [{**turn, "timestamp_ms": turn["timestamp_ms"] + later} for turn in turns]  # type: ignore[operator]


def _agent(call: Call, rng: random.Random) -> Record | None:
    if call.agent is None:
        return None
    named: Record = {"name": call.agent.name, "version": call.agent.version}
    return named if chance(rng, 0.1) else {"id": call.agent.key, **named}


def _owner(rng: random.Random, account: str) -> Record | None:
    return {"id": account, "name": "Exämple GmbH"} if chance(rng, 0.9) else None


def _cost(call: Call, rng: random.Random) -> Record | None:
    seconds = call.duration if call.answered else 0.0
    amount = money(rng, 0.02 + seconds * 0.0017)
    return {"combined_cost": amount, "currency": "EUR"} if chance(rng, 0.95) else None


def _length(call: Call) -> int | Decimal:
    """Return milliseconds: an integer, as documented, except for a few calls."""
    whole = round(call.duration * 1000)
    return whole + Decimal("0.5") if call.has_fraction else whole


def _provided(call: Call, rng: random.Random) -> Record:
    return {"customer_name": call.customer} if chance(rng, 0.6) else {}


def _transcript(call: Call, rng: random.Random) -> list[Record]:
    said = phrases.dialogue(rng, call.language, call.customer, call.duration)
    return [_turn(rng, turn) for turn in said]


def _turn(rng: random.Random, said: phrases.Turn) -> Record:
    turn: Record = {
        "role": said.speaker,
        "content": said.text,
        "timestamp_ms": round(said.seconds * 1000),
    }
    if said.speaker == "user":
        return turn | ({"gender": rng.choice(("female", "male"))} if chance(rng, 0.5) else {})
    delays = {name: rng.randint(20, 400) for name in _LATENCIES}
    return turn | {"latency_breakdown": {**delays, "total_perceived_ms": max(delays.values()) * 2}}
