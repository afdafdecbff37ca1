"""The query of a list in the Burki API (source: Burki API reference, calls)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.api import parsed
from tap_voicecalls.simulator.apis.burki import records
from tap_voicecalls.simulator.messages import Refusal, Response

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.simulator.call import Call
    from tap_voicecalls.simulator.messages import Incoming

LARGEST_LIMIT = 1000
"""The highest allowed `limit`."""

_DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """The decoded query of a list; None means no filter."""

    skip: int
    limit: int
    status: str | None
    assistant: int | None
    phone: str | None
    date_from: datetime | None
    date_to: datetime | None
    shortest: int | None
    longest: int | None


def wanted(incoming: Incoming) -> Filter:
    """Decode the query of a list."""
    limit = integer(incoming, "limit", 1, LARGEST_LIMIT)
    return Filter(
        skip=integer(incoming, "skip") or 0,
        limit=_DEFAULT_LIMIT if limit is None else limit,
        status=incoming.first("status"),
        assistant=integer(incoming, "assistant_id"),
        phone=incoming.first("customer_phone"),
        date_from=_time(incoming, "date_from"),
        date_to=_time(incoming, "date_to"),
        shortest=integer(incoming, "min_duration"),
        longest=integer(incoming, "max_duration"),
    )


def integer(
    incoming: Incoming, name: str, least: int = 0, largest: int | None = None
) -> int | None:
    """Decode an integer; None if it was not sent.

    Raises:
        Refusal: It is none, or out of range.
    """
    text = incoming.first(name)
    if text is None:
        return None
    if not text.removeprefix("-").isdecimal():
        raise _invalid(name, "Input should be a valid integer", "int_parsing")
    if int(text) < least:
        reason = f"Input should be greater than or equal to {least}"
        raise _invalid(name, reason, "greater_than_equal")
    if largest is not None and int(text) > largest:
        reason = f"Input should be less than or equal to {largest}"
        raise _invalid(name, reason, "less_than_equal")
    return int(text)


def _time(incoming: Incoming, name: str) -> datetime | None:
    text = incoming.first(name)
    moment = None if text is None else parsed(text)
    if text is not None and moment is None:
        raise _invalid(name, "Input should be a valid datetime", "datetime_parsing")
    return moment


def matches(call: Call, wanted: Filter, now: datetime) -> bool:
    """Return whether a list with a filter has a call."""
    duration = int(call.duration) if call.ended(now) else None
    assistant = call.agent.number if call.agent else None
    return (
        (call.has_start or (wanted.date_from is None and wanted.date_to is None))
        and wanted.status in {None, records.status(call, now)}
        and wanted.assistant in {None, assistant}
        and (wanted.phone is None or wanted.phone in (call.customer_number or ""))
        and (wanted.shortest is None or (duration is not None and duration >= wanted.shortest))
        and (wanted.longest is None or (duration is not None and duration <= wanted.longest))
    )


def _invalid(name: str, message: str, kind: str) -> Refusal:
    error = {"loc": ["query", name], "msg": message, "type": kind}
    return Refusal(Response(422, {"detail": [error]}))
