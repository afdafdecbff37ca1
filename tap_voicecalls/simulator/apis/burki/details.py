"""What a call has beside its record in the Burki API (source: its openapi.json)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.api import iso
from tap_voicecalls.simulator.seeding import chance, seeded

if TYPE_CHECKING:
    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

_SHARE = Decimal("0.7")
# Service, vendor, model and what is counted; a service of two entries has its cost divided.
_SERVICES = {
    "llm_cost": (
        ("llm", "openai", "gpt-4o-mini", "input_tokens"),
        ("llm", "openai", "gpt-4o-mini", "output_tokens"),
    ),
    "tts_cost": (("tts", "elevenlabs", "turbo-v2", "characters"),),
    "stt_cost": (("stt", "deepgram", "nova-2", "seconds"),),
    "telephony_cost": (("telephony", "twilio", None, "minutes"),),
}


def transcripts(call: Call) -> list[Record]:
    """Return the transcript, in order."""
    rng = seeded(call.seed + 1)
    said = phrases.dialogue(rng, call.language, call.customer, call.duration)
    times = seeded(call.seed + 3)
    return [
        {
            "id": call.number * 100 + index,
            "call_id": call.number,
            "content": turn.text,
            "is_final": True,
            "speaker": "assistant" if turn.speaker == "agent" else "user",
            "segment_start": turn.seconds,
            "segment_end": turn.seconds + times.randint(5, 25) / 10,
            "confidence": times.randint(700, 1000) / 1000,
            "stt_timestamps": {"final": index} if chance(times, 0.3) else None,
            "created_at": iso(call.start + timedelta(seconds=turn.seconds)),
        }
        for index, turn in enumerate(said if call.answered else [])
    ]


def recordings(call: Call) -> list[Record]:
    """Return the recording of an answered call."""
    if not call.answered:
        return []
    return [
        {
            "id": call.number,
            "call_id": call.number,
            "recording_sid": f"RE{call.key.replace('-', '')}",
            "file_path": f"recordings/{call.number}.mp3",
            "recording_url": f"https://recordings.burki.example/{call.key}.mp3",
            "duration": int(call.duration),
            "format": "mp3",
            "recording_type": "mixed",
            "recording_source": "platform",
            "status": "completed",
            "created_at": iso(call.end),
        }
    ]


def audio(call: Call) -> bytes:
    """Return made-up bytes in place of the audio of a call."""
    return b"ID3" + seeded(call.seed).randbytes(2000)


def messages(call: Call) -> list[Record]:
    """Return the system prompt and the turns as chat messages."""
    spoken = transcripts(call)
    if not spoken:
        return []
    prompt: Record = {"speaker": "system", "content": "Be brief.", "created_at": iso(call.start)}
    rng = seeded(call.seed + 4)
    return [
        _message(call, rng.randint(20, 900), index, line)
        for index, line in enumerate([prompt, *spoken])
    ]


def _message(call: Call, tokens: int, index: int, line: Record) -> Record:
    written = tokens // 4 if line["speaker"] == "assistant" else None
    return {
        "id": call.number * 100 + index,
        "call_id": call.number,
        "role": line["speaker"],
        "content": line["content"],
        "message_index": index,
        "timestamp": line["created_at"],
        "llm_provider": "openai",
        "llm_model": "gpt-4o-mini",
        "prompt_tokens": tokens,
        "completion_tokens": written,
        "total_tokens": tokens + (written or 0),
    }


def metrics(call: Call) -> Record:
    """Return measures of a call; it has neither an id nor the call's."""
    rng = seeded(call.seed + 2)
    spoken = transcripts(call)
    callers = sum(line["speaker"] == "user" for line in spoken)
    return {
        "avg_response_time": rng.randint(300, 1500) / 1000,
        "fastest_response_time": 0.25,
        "response_time_std": 0.1,
        "conversation_flow_score": rng.randint(0, 100),
        "engagement_score": rng.randint(0, 100),
        "user_percentage": 40,
        "ai_percentage": 60,
        "user_turns": callers,
        "ai_turns": len(spoken) - callers,
        "avg_silence_duration": 1.5,
        "awkward_silences_count": rng.randint(0, 3),
        "interruption_count": rng.randint(0, 4),
        "avg_user_frustration": 0.2,
        "frustration_scores_ts": [{"timestamp": 1.5, "score": 0.2}] if spoken else [],
        "stress_scores_ts": [],
        "primary_intent": f"appointment of {call.customer}",
        "intent_resolved": chance(rng, 0.7),
    }


def cost_summary(call: Call, record: Record) -> Record:
    """Return the costs of a call's record."""
    names = ("total_cost", *_SERVICES)
    summary: Record = {"call_id": call.number, "call_sid": record["call_sid"]}
    return summary | {name: record[name] for name in names} | {"currency": record["cost_currency"]}


def cost_entries(call: Call, record: Record) -> list[Record]:
    """Return the entries whose sums are the costs of a call's record."""
    amounts = [
        (service, amount)
        for name, services in _SERVICES.items()
        if (cost := record[name])
        for service, amount in zip(
            services, _divided(Decimal(str(cost)), len(services)), strict=True
        )
    ]
    return [
        {
            "id": call.number * 10 + number,
            "service_type": service,
            "provider": vendor,
            "model": model,
            "usage_type": usage,
            "usage_amount": 1000,
            "unit_cost": amount / 1000,
            "total_cost": amount,
            "timestamp": iso(call.end),
            "metadata": None,
        }
        for number, ((service, vendor, model, usage), amount) in enumerate(amounts)
    ]


def _divided(amount: object, parts: int) -> list[Decimal]:
    cost = Decimal(str(amount))
    first = cost * _SHARE
    return [cost] if parts == 1 else [first, cost - first]
