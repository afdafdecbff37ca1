"""Burki: the lines of a call's cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import currency_code, identifier
from tap_voicecalls.calls.cost_line import CostLine, remainder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.calls.cost_line import Component
    from tap_voicecalls.records.record_type import Record

COMPONENTS: tuple[Component, ...] = ("llm", "tts", "stt", "telephony")


def costs(record: Record) -> Iterator[CostLine]:
    """Make the lines of a call: one for each of its four components, and one for the rest."""
    amounts = {component: getattr(record, f"{component}_cost") for component in COMPONENTS}
    total = record.cost if record.total_cost is None else record.total_cost
    rest = remainder(total, amounts.values())
    for component, amount in (*amounts.items(), ("other", rest)):
        if amount is not None:
            yield CostLine(
                call_id=identifier(record.id),
                line=component,
                call_started_at=record.started_at,
                component=component,
                provider_component=None if component == "other" else f"{component}_cost",
                amount=amount,
                currency=currency_code(record.cost_currency),
            )
