"""Twilio: normalization of a call; each leg is a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import (
    Call,
    currency_code,
    end_reason,
    identifier,
    normalize_enum,
)
from tap_voicecalls.calls.cost_line import CostLine
from tap_voicecalls.calls.phone import caller_withheld, channel_of, e164
from tap_voicecalls.records.exact import add, subtract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.call import AnsweredBy, Channel, Direction, Status
    from tap_voicecalls.records.record_type import Record

# twilio_api_v2010, call_enum_status.
STATUSES: Mapping[str, Status] = {
    **dict.fromkeys(("queued", "ringing", "in_progress"), "in_progress"),
    "completed": "completed",
    "busy": "busy",
    "failed": "failed",
    "no_answer": "no_answer",
    "canceled": "canceled",
}
# The same, `direction`: calls of a trunk originate at the telephone network.
_DIRECTIONS: Mapping[str, Direction] = {
    **dict.fromkeys(("inbound", "trunking_originating"), "inbound"),
    **dict.fromkeys(("outbound_api", "outbound_dial", "trunking_terminating"), "outbound"),
    "outbound": "outbound",  # SignalWire
}
# The same, `answered_by`: the machine is followed by how its message ended.
_ANSWERS: Mapping[str, AnsweredBy] = {"human": "human", "machine": "machine", "fax": "fax"}
_CLIENT = "client:"

CALL_SOURCES: Mapping[str, str] = {
    "stream": "`twilio_calls`",
    "call_id": "`sid`",
    "direction": "`direction`",
    "status": "`status`",
    "provider_status": "`status`",
    "channel": "from `from`, `to` and `trunk_sid`",
    "from_number": "`from`",
    "from_withheld": "`from`",
    "to_number": "`to`",
    "started_at": "`start_time`, else `date_created`",
    "ended_at": "`end_time`",
    "duration_seconds": "`duration`",
    "cost": "`price` without its sign",
    "cost_telephony": "`price` without its sign",
    "currency": "`price_unit`",
    "end_reason": "`status`",
    "answered_by": "`answered_by`",
    "parent_call_id": "`parent_call_sid`",
    "updated_at": "`date_updated`",
}
"""Where the fields of a call come from, in Markdown; the others are not reported."""


def normalize(record: Record) -> Call:
    """Map a record to a call."""
    sender, receiver = getattr(record, "from"), record.to
    status = normalize_enum(STATUSES, record.status)
    cost = _cost(record)
    return Call(
        call_id=record.sid,
        direction=normalize_enum(_DIRECTIONS, record.direction),
        status=status,
        provider_status=record.status,
        channel=_channel(record, sender, receiver),
        from_number=e164(sender),
        from_withheld=caller_withheld(sender),
        to_number=e164(receiver),
        started_at=record.started_at,
        ended_at=record.end_time,
        duration_seconds=record.duration,
        cost=cost,
        cost_telephony=cost,
        currency=currency_code(record.price_unit),
        end_reason=end_reason({}, None, status),
        answered_by=normalize_enum(_ANSWERS, (record.answered_by or "").partition("_")[0] or None),
        parent_call_id=identifier(record.parent_call_sid) or None,
        updated_at=record.date_updated,
    )


def costs(record: Record, call: Call | None) -> Iterator[CostLine]:
    """Make the one line of a cost: the connection; other products are billed elsewhere."""
    cost = _cost(record)
    if cost is not None:
        yield CostLine(
            call_id=record.sid,
            line="telephony",
            call_started_at=record.started_at,
            component="telephony",
            provider_component="price",
            amount=cost,
            currency=call.currency if call else currency_code(record.price_unit),
        )


def _cost(record: Record) -> int | Decimal | None:
    """Return the price as a cost.

    Twilio writes what it takes as a negative number; others of its form do not say which they do.
    """
    if record.price is None:
        return None
    return subtract(0, record.price) if record.price < 0 else add(0, record.price)  # never -0


def _channel(record: Record, sender: str | None, receiver: str | None) -> Channel:
    ends = (sender or "", receiver or "")
    if any(end.lower().startswith(_CLIENT) for end in ends):
        return "web"
    return channel_of(*ends) or ("sip" if record.trunk_sid else "phone")
