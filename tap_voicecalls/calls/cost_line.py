"""A line of a call's cost, as the stream `call_costs` holds it."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal

import msgspec

from tap_voicecalls.records.exact import add, subtract

if TYPE_CHECKING:
    from collections.abc import Iterable

Component = Literal[
    "llm", "stt", "tts", "telephony", "platform", "analysis", "recording", "transfer", "other"
]
Unit = Literal["second", "minute", "character", "input_token", "output_token", "credit", "record"]


class CostLine(msgspec.Struct, gc=False, kw_only=True):
    """A line of a cost; ``schemas/call_costs.json`` describes each field.

    A provider fills all fields except `provider` and `account`. Numbers are exact.
    """

    provider: str | None = None
    account: str | None = None
    call_id: str | None = None
    line: str
    call_started_at: str | None = None
    component: Component
    provider_component: str | None = None
    vendor: str | None = None
    model: str | None = None
    amount: int | Decimal | None = None
    currency: str | None = None
    quantity: int | Decimal | None = None
    unit: Unit | None = None
    rate: int | Decimal | None = None


def remainder(
    total: int | Decimal | None, parts: Iterable[int | Decimal | None]
) -> int | Decimal | None:
    """Return what a total has beyond its parts, so that all lines of a call add up to its cost.

    The line is written even if it is 0: an earlier run may have seen the total without its parts.
    None if there is no total.
    """
    if total is None:
        return None
    known: int | Decimal = 0
    for part in parts:
        if part is not None:
            known = add(known, part)
    return subtract(total, known)
