"""Retell: the lines of a call's cost. Amounts are in cents, with fractions; prices are in USD."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.cost_line import CostLine, remainder
from tap_voicecalls.records.exact import add

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.cost_line import Component
    from tap_voicecalls.records.record_type import Record

CURRENCY = "USD"
"""No field names it: Retell's prices are in US dollars."""

# Names of products are not listed anywhere. These are parts of names in published responses, and
# the first that a name contains decides. `gpt_4_1_text_testing` is the analysis after a call.
_COMPONENTS: tuple[tuple[str, Component], ...] = (
    ("text_testing", "analysis"),
    ("tts", "tts"),
    ("asr", "stt"),
    ("telephony", "telephony"),
    ("voice_engine", "platform"),
    ("background_voice_cancellation", "platform"),
    ("llm", "llm"),
    ("gpt", "llm"),
    ("claude", "llm"),
    ("gemini", "llm"),
)


def _amount(cents: int | Decimal | None) -> Decimal | None:
    """Convert cents to dollars, exactly."""
    if cents is None:
        return None
    sign, digits, exponent = Decimal(cents).as_tuple()
    return Decimal((sign, digits, int(exponent) - 2))  # a division would round to 28 digits


def total_of(record: Record) -> Decimal | None:
    """Return the cost of a call: the combined one, else the sum of its products."""
    if record.call_cost and record.call_cost.combined_cost is not None:
        return _amount(record.call_cost.combined_cost)
    amounts = [
        amount for one in _products(record) if (amount := _amount(one.get("cost"))) is not None
    ]
    return reduce(add, amounts) if amounts else None


def parts_of(record: Record) -> dict[str, Decimal]:
    """Return the cost of each component, but for the leg of a transfer."""
    sums: dict[str, Decimal] = {}
    for product in _products(record):
        component, amount = _component_of(product), _amount(product.get("cost"))
        if amount is not None:
            sums[component] = add(sums.get(component, Decimal(0)), amount)
    return sums


def costs(record: Record, _: Call | None) -> Iterator[CostLine]:
    """Make a line for each product, and one for a discount or another difference to the sum."""
    if not record.call_cost:
        return
    amounts = []
    used = set[str]()
    for product in _products(record):
        amount = _amount(product.get("cost"))
        if amount is not None:
            amounts.append(amount)
            yield _line(record, product, amount, used)
    rest = remainder(total_of(record), amounts)
    if rest is not None:
        yield CostLine(
            call_id=record.call_id,
            line="other",
            call_started_at=record.started_at,
            component="other",
            amount=rest,
            currency=CURRENCY,
        )


def _line(record: Record, product: Mapping[str, Any], amount: Decimal, used: set[str]) -> CostLine:
    component, name = _component_of(product), product.get("product") or ""
    label, number = f"{component}/{name}", 1
    while label in used:
        number += 1
        label = f"{component}/{name}/{number}"
    used.add(label)
    # A price of the analysis is that of the call.
    rate = None if component == "analysis" else _amount(product.get("unit_price"))
    return CostLine(
        call_id=record.call_id,
        line=label,
        call_started_at=record.started_at,
        component=component,
        provider_component=name or None,
        amount=amount,
        currency=CURRENCY,
        unit=None if rate is None else "second",
        rate=rate,
    )


def _products(record: Record) -> list[Mapping[str, Any]]:
    products = record.call_cost and record.call_cost.product_costs
    return [product for product in products or () if product]


def _component_of(product: Mapping[str, Any]) -> Component:
    if product.get("is_transfer_leg_cost"):
        return "transfer"
    name = (product.get("product") or "").lower()
    return next((component for part, component in _COMPONENTS if part in name), "other")
