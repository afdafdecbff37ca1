"""Burki: the lines of a call's cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import identifier, normalize_enum
from tap_voicecalls.calls.cost_line import CostLine, remainder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.cost_line import Component, Unit
    from tap_voicecalls.records.record_type import Record

# With the field of the call, and the provider's own.
_COMPONENTS: Sequence[tuple[Component, str, str]] = (
    ("llm", "cost_llm", "llm_cost"),
    ("tts", "cost_tts", "tts_cost"),
    ("stt", "cost_stt", "stt_cost"),
    ("telephony", "cost_telephony", "telephony_cost"),
)
# The words of `service_type` and `usage_type` are not documented. The first four are the components
# of a call's cost; the others have only one possible meaning.
_SERVICES: Mapping[str, Component] = {
    "llm": "llm",
    "tts": "tts",
    "stt": "stt",
    "telephony": "telephony",
    "recording": "recording",
    "platform": "platform",
    "analysis": "analysis",
    "transfer": "transfer",
}
_UNITS: Mapping[str, Unit] = {
    "seconds": "second",
    "minutes": "minute",
    "characters": "character",
    "input_tokens": "input_token",
    "prompt_tokens": "input_token",
    "output_tokens": "output_token",
    "completion_tokens": "output_token",
}


def costs(_: Record, call: Call | None) -> list[CostLine]:
    """Make the lines of a call: one for each of its four components, and one for the rest."""
    return lines(call, ()) if call else []


def entry(record: Record, _: Call | None) -> list[CostLine]:
    """Make the line of a cost entry."""
    if record.total_cost is None:
        return []
    service = normalize_enum(_SERVICES, record.service_type)
    component: Component = "other" if service == "unknown" else service
    return [
        CostLine(
            call_id=identifier(record.call_id),
            line=f"{component}/{record.id}",
            call_started_at=record.call_started_at,
            component=component,
            provider_component=record.service_type,
            vendor=record.provider or None,
            model=record.model or None,
            amount=record.total_cost,
            quantity=record.usage_amount,
            unit=_UNITS.get((record.usage_type or "").strip().lower()),
            rate=record.unit_cost,
        )
    ]


def lines(call: Call, entries: Sequence[CostLine]) -> list[CostLine]:
    """Return all lines of a call, which add up to its cost.

    The line of a component has what its entries leave over, so that a run with the entries replaces
    the lines of one without them.

    Args:
        call: The call.
        entries: The lines of its entries; none if they are not read.
    """
    made = list(entries)
    for line in made:
        line.currency = call.currency
    for component, field, name in _COMPONENTS:
        rest = getattr(call, field)
        if entries:
            of_entries = [line.amount for line in entries if line.component == component]
            rest = remainder(rest, of_entries)
        if rest is not None:
            made.append(_rest(call, component, rest, name))
    rest = remainder(call.cost, [line.amount for line in made])
    if rest is not None:
        made.append(_rest(call, "other", rest, None))
    return made


def _rest(
    call: Call, component: Component, amount: int | Decimal, provider_component: str | None
) -> CostLine:
    return CostLine(
        provider=call.provider,
        account=call.account,
        call_id=call.call_id,
        line=component,
        call_started_at=call.started_at,
        component=component,
        provider_component=provider_component,
        amount=amount,
        currency=call.currency,
    )
