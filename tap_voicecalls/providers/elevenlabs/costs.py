"""ElevenLabs: the lines of a conversation's cost. Credits are a quantity, not money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.cost_line import CostLine, remainder

if TYPE_CHECKING:
    from decimal import Decimal

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.cost_line import Component
    from tap_voicecalls.records.record_type import Record


CURRENCY = "USD"
"""`cost_fiat` and the prices are in US dollars."""


def costs(record: Record, call: Call | None) -> list[CostLine]:
    """Make a line for the language model, one for the platform, and one for what is left.

    `llm_usage` breaks down the first and `platform_usage` the second; `tts_usage` and `asr_usage`
    are not billed. None of them is a line.
    """
    if call is None or call.currency is None:
        return []
    amounts: dict[Component, int | Decimal | None] = {
        "llm": call.cost_llm,
        "platform": call.cost_platform,
        "other": remainder(call.cost, (call.cost_llm, call.cost_platform)),
    }
    fields = {"llm": "llm_price", "platform": "platform_price"}
    charging = record.metadata.charging
    credits_used = {
        "llm": charging and charging.llm_charge,
        "platform": charging and charging.platform_charge,
    }
    return [
        CostLine(
            call_id=call.call_id,
            line=component,
            call_started_at=call.started_at,
            component=component,
            provider_component=fields.get(component),
            amount=amount,
            currency=call.currency,
            quantity=credits_used.get(component),
            unit=None if credits_used.get(component) is None else "credit",
        )
        for component, amount in amounts.items()
        if amount is not None
    ]
