"""Vapi: the lines of a call's cost, in USD."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.cost_line import CostLine, remainder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.cost_line import Component, Unit
    from tap_voicecalls.records.record_type import Record

CURRENCY = "USD"
"""The OpenAPI document states all costs in USD."""

# Schema Call, `costs[].type`.
_COMPONENTS: Mapping[str, Component] = {
    "transport": "telephony",
    "transcriber": "stt",
    "model": "llm",
    "voice": "tts",
    "vapi": "platform",
    "voicemail-detection": "analysis",
    "analysis": "analysis",
    "knowledge-base": "llm",
}
_UNITS: Mapping[str, Unit] = {"minutes": "minute", "characters": "character"}
# The fields of `costBreakdown` that a call has.
_PARTS = ("llm", "tts", "stt", "transport", "vapi")
# The object that names vendor and model of a line.
_NAMED_BY = ("model", "voice", "transcriber")


def total_of(record: Record) -> int | Decimal | None:
    """Return the cost of a call; None if it is not reported."""
    total = record.costBreakdown and record.costBreakdown.total
    cost: int | Decimal | None = record.cost if record.cost is not None else total
    return cost


def parts_of(record: Record) -> dict[str, int | Decimal | None]:
    """Return the parts of a cost, by the field of `costBreakdown`."""
    breakdown = record.costBreakdown
    return {part: getattr(breakdown, part) for part in _PARTS} if breakdown else {}


def costs(record: Record, call: Call | None) -> Iterator[CostLine]:
    """Make a line for each part, and one for what they leave of the cost if that is known.

    A squad has a line of each kind for each of its assistants. What `structuredOutputBreakdown`
    holds is part of its line.
    """
    if call is None:
        return
    parts = [part for part in record.costs or () if part and part.get("cost") is not None]
    seen: Counter[str] = Counter()
    for part in parts:
        kind = part.get("type") or ""
        # Within its kind: a part that comes later must not rename the lines of the others.
        yield _line(call, kind, seen[kind], part)
        seen[kind] += 1
    rest = remainder(call.cost, [part["cost"] for part in parts])
    if rest is not None:
        yield CostLine(
            call_id=call.call_id,
            line="other",
            call_started_at=call.started_at,
            component="other",
            amount=rest,
            currency=CURRENCY,
        )


def _line(call: Call, kind: str, number: int, part: Mapping[str, Any]) -> CostLine:
    component = _COMPONENTS.get(kind, "other")
    named: Any = next((part[name] for name in _NAMED_BY if isinstance(part.get(name), dict)), {})
    unit = next((name for name in _UNITS if part.get(name) is not None), None)
    return CostLine(
        call_id=call.call_id,
        line=f"{kind or component}/{number}",
        call_started_at=call.started_at,
        component=component,
        provider_component=kind or None,
        vendor=_text(part.get("provider")) or _text(named.get("provider")),
        model=_text(named.get("model")),
        amount=part["cost"],
        currency=CURRENCY,
        quantity=part[unit] if unit else None,
        unit=_UNITS[unit] if unit else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
