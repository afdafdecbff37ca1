"""The Ovia API (source: Ovia API reference, list-call).

GET `/api/v1/calls` takes no parameters and returns one array in undocumented order.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar
from uuid import NAMESPACE_URL, uuid5

import msgspec

from tap_voicecalls.simulator import phrases
from tap_voicecalls.simulator.api import Api, Record, iso
from tap_voicecalls.simulator.call import Profile
from tap_voicecalls.simulator.messages import Incoming, Response
from tap_voicecalls.simulator.seeding import chance, identifier, money, seeded

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from datetime import datetime

    from tap_voicecalls.simulator.api import Handler
    from tap_voicecalls.simulator.call import Call

# Costs a minute; the provider does not document the unit.
_RATES = {"llm": 0.012, "stt": 0.006, "tts": 0.024}
_STATUSES = {"inactivity": "completed"}


class Ovia(Api):
    """Simulated Ovia API.

    Options: `ovia_cap` limits a response to so many of the newest calls; None means no limit.
    """

    name = "ovia"
    streams = ("ovia_calls",)
    lists_running = True
    profile = Profile(channels={"phone": 90, "web": 10}, agentless_share=0.0)
    options: ClassVar[Mapping[str, object]] = {"ovia_cap": None}

    def routes(self) -> Mapping[str, Handler]:
        """Return the one endpoint."""
        return {"GET /api/v1/calls": self._list}

    def error_body(self, status: int, detail: str) -> object:
        """Return an error body; the documentation shows none."""
        del status
        return {"error": detail}

    def records(self, stream: str, **narrow: object) -> list[Record]:
        """Return every call, oldest first, regardless of the cap."""
        del stream, narrow
        now = self.now()
        return [self._record(call, now) for call in self.calls(now)]

    def _list(self, incoming: Incoming) -> Response:
        del incoming
        now = self.now()
        calls = self.calls(now)
        cap = self.shared.options["ovia_cap"]
        if isinstance(cap, int):
            calls = calls[max(0, len(calls) - cap) :]
        if self.is_emptied(1):
            calls = []
        rng = seeded(next(self.answers))
        rng.shuffle(calls)
        return Response(200, [self._record(call, now) for call in calls])

    def _record(self, call: Call, now: datetime) -> Record:
        user = str(uuid5(NAMESPACE_URL, self.fake_credential("user")))
        return self.as_sent("ovia_calls", _record(call, user, now), "metadata")


def _record(call: Call, user: str, now: datetime) -> Record:
    """Return a call; fields that are known at its end are null while it runs."""
    rng = seeded(call.seed)
    phone = call.channel == "phone"
    line = uuid5(NAMESPACE_URL, call.business_number or user)
    record: Record = {
        "user_id": user,
        "agent_id": call.agent.key if call.agent else None,
        "type": "phone_call" if phone else "web_call",
        "direction": call.direction,
        "from_number": call.shown_from or "",
        "to_number": call.to_number or "",
        "phone_number_id": str(line),
        **_ids(call, rng),
        "started_at": iso(call.start) if call.has_start else None,
        "created_at": iso(call.start - timedelta(milliseconds=rng.randint(0, 900))),
        "agent": {"name": call.agent.name} if call.agent else None,
    }
    end = _end(call, rng, now)
    return record | (end if call.ended(now) else _running(call, end))


def _ids(call: Call, rng: random.Random) -> Record:
    """Return id and metadata; a few calls have no id, and some of them no `call_id_full` either."""
    metadata: Record = {
        "rule_id": rng.choice((None, f"SDR_{rng.randrange(10**6)}")),
        "call_tag": rng.choice((None, "", "vip", "relance 🔁")),
        "call_id_full": call.key,
        "sip_trunk_id": f"ST_{identifier(rng)[:8]}" if call.channel == "phone" else None,
    }
    missing = rng.choices(("none", "id", "both"), (94, 5, 1))[0]
    if missing == "both":
        del metadata["call_id_full"]
    return {"metadata": metadata} | ({"id": call.key} if missing == "none" else {})


def _end(call: Call, rng: random.Random, now: datetime) -> Record:
    said = phrases.dialogue(rng, call.language, call.customer, call.duration)
    said = said if call.answered else []
    recording = f"https://recordings.useovia.example/{call.key}.ogg"
    summary = phrases.summary(call.language, call.customer)
    latency = msgspec.json.encode({"llm_ttft_ms": rng.randint(200, 900)}).decode()
    end: Record = {
        "status": _STATUSES.get(call.outcome, call.outcome),
        "ended_at": iso(call.end),
        "recording_url": recording if said and chance(rng, 0.9) else None,
        "transcript": "\n".join(turn.text for turn in said) or None,
        "duration": Decimal(f"{call.duration:.1f}") if call.has_fraction else int(call.duration),
        "analysis": summary if said and chance(rng, 0.7) else None,
        "latency_metrics": latency if said else None,
        "updated_at": iso(call.end),
        "costs": _costs(call, rng) if chance(rng, 0.95) else None,
        "transcript_objects": [_line(call, rng, turn) for turn in said],
    }
    if not call.costed(now):
        return end | {"costs": None}
    return end | ({"updated_at": iso(max(call.end, call.costs_at))} if call.costs_at else {})


def _running(call: Call, end: Record) -> Record:
    return dict.fromkeys(end) | {
        "status": "in_progress",
        "updated_at": iso(call.start),
        "transcript_objects": [],
    }


def _line(call: Call, rng: random.Random, turn: phrases.Turn) -> Record:
    line: Record = {
        "content": turn.text,
        "timestamp": iso(call.start + timedelta(seconds=turn.seconds)),
    }
    return line | ({"role": turn.speaker} if chance(rng, 0.9) else {})


def _costs(call: Call, rng: random.Random) -> Record:
    seconds = call.duration if call.answered else 0.0
    parts = {name: money(rng, rate * seconds / 60) for name, rate in _RATES.items()}
    details = {
        "tts_characters": int(seconds * 9),
        "llm_prompt_tokens": int(seconds * 31),
        "llm_completion_tokens": int(seconds * 4),
        "stt_audio_duration_seconds": Decimal(round(seconds * 100)).scaleb(-2),
    }
    return {**parts, "total": sum(parts.values(), Decimal(0)), "details": details}
