"""The records of a call in the Burki API (source: Burki API reference, calls)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.api import iso
from tap_voicecalls.simulator.seeding import chance, identifier, money, seeded

if TYPE_CHECKING:
    import random

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.call import Call

# US dollars a minute, for each part of the total.
_RATES = {"llm_cost": 0.031, "tts_cost": 0.018, "stt_cost": 0.0043, "telephony_cost": 0.0085}
_FLOWS = ("Triage → Billing", "Night desk", 'The "long" way')
# On this day the field with the flow's name was renamed.
_RENAMED = datetime(2026, 4, 29, tzinfo=UTC)


def status(call: Call, now: datetime) -> str:
    """Return ongoing, completed or failed."""
    if not call.ended(now):
        return "ongoing"
    return "completed" if call.answered else "failed"


def record(call: Call, now: datetime) -> Record:
    """Return a call; while it is ongoing, its end, duration and costs are null."""
    rng = seeded(call.seed)
    ended = call.ended(now)
    # Some servers write the zone, others write the same UTC time without it.
    zone = "Z" if chance(rng, 0.5) else ""
    call_record: Record = {
        "id": call.number,
        "call_sid": f"CA{identifier(rng).replace('-', '')}",
        "assistant_id": call.agent.number if call.agent else None,
        "assistant_name": call.agent.name if call.agent else None,
        **_flow(call, rng),
        "to_phone_number": call.business_number,
        "customer_phone_number": call.shown_customer,
        "status": status(call, now),
        "duration": _length(call) if ended else None,
        "started_at": iso(call.start, "microseconds", zone) if call.has_start else None,
        "ended_at": iso(call.end, "microseconds", zone) if ended else None,
        "call_meta": _meta(call, rng),
    }
    costs = _costs(call, rng)
    return (
        call_record
        | (costs if call.costed(now) else dict.fromkeys(costs))
        | {"cost_currency": "USD"}
    )


def _flow(call: Call, rng: random.Random) -> Record:
    """Return the name of the flow that routed the call, in the field used at that time."""
    flow = rng.choice(_FLOWS) if chance(rng, 0.4) else None
    old_key: Record = {"assistant_graph_name": None} if chance(rng, 0.3) else {}
    if call.start < _RENAMED:
        return {"assistant_graph_name": flow}
    return {"flow_name": flow, **old_key}


def _length(call: Call) -> int | Decimal:
    """Return seconds: an integer, as documented, except for a few calls."""
    return Decimal(f"{call.duration:.1f}") if call.has_fraction else int(call.duration)


def _meta(call: Call, rng: random.Random) -> Record | None:
    """Return the metadata, in which the server marks outbound calls."""
    mark: Record = {"outbound": True} if call.direction == "outbound" else {}
    kind = rng.randrange(4)
    if kind == 0:
        return mark or None
    meta: Record = {"campaign": "Frühjahr 🌷", "channel": call.channel, **mark}
    return meta | ({"tags": ["vip", 'a "quote"'], "score": 0.5} if kind == 1 else {})


def _costs(call: Call, rng: random.Random) -> Record:
    """Return the costs and their exact sum; some calls have no costs."""
    minutes = call.duration / 60 if call.answered else 0.0
    parts = {name: money(rng, rate * minutes) for name, rate in _RATES.items()}
    if chance(rng, 0.05):
        return dict.fromkeys(("total_cost", *parts), None)
    return {"total_cost": sum(parts.values(), Decimal(0)), **parts}
