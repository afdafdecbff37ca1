"""Which time can be asked for, which part of it comes by report, and in which pieces. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import EPOCH
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

LATEST = timedelta(seconds=60)
"""How long before now a range ends at the latest: a `date_end` that is not in the past by the
server's own clock is refused, and clocks differ by seconds. Users of the API leave a minute."""
RETENTION_MONTHS = 13
"""For how many calendar months records are kept; a range that starts earlier is refused."""
# A range that starts where the retention begins is refused a moment later, and a run lasts hours.
_RETENTION_MARGIN = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)

LONG = timedelta(days=31)
"""Settled time that is longer is read by report, where the tap may choose."""


def request_time(moment: datetime) -> str:
    """Write a time for a request: UTC, and the three digits of a second that are documented.

    It is rounded up. Records tell whole milliseconds, so both edges of a half-open range keep
    their meaning, and ranges that adjoin still do.
    """
    millis = -((EPOCH - moment) // _MILLISECOND)
    text = (EPOCH + millis * _MILLISECOND).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def kept_since(now: datetime) -> datetime:
    """Return from when on records can be asked for, throughout a run that begins now.

    It is a midnight, one to two days after the retention begins: all runs of a day ask for the
    same ranges, so that a report that one of them paid for serves the next one.
    """
    year, month = divmod(now.year * 12 + now.month - 1 - RETENTION_MONTHS, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, day, tzinfo=UTC) + timedelta(days=1) + _RETENTION_MARGIN


def readable(span: Window, now: datetime) -> Window:
    """Return the part of a span that the API answers for; it may be empty."""
    return Window(max(span.start, kept_since(now)), min(span.end, now - LATEST))


def settled(span: Window, now: datetime, lookback: timedelta) -> Window:
    """Return the part of a span, from its start on, for which a report can be relied on later.

    It ends at a midnight that lies at least the lookback in the past: calls may appear late, and a
    report of it, whichever run asked for it, has all that ever will. Its edges are whole seconds,
    for that is how the API tells of a report's.
    """
    midnight = (now - lookback).replace(hour=0, minute=0, second=0, microsecond=0)
    start = span.start.replace(microsecond=0)
    return Window(start, max(start, min(span.end.replace(microsecond=0), midnight)))


def goes_by_report(mode: str, part: Window) -> bool:
    """Tell whether the settled part of what is read is read by report."""
    length = part.end - part.start
    return {"sync": False, "async": bool(length), "auto": length > LONG}[mode]


def months(span: Window) -> Iterator[Window]:
    """Cut a span at the first of each month, so that later runs ask for the same pieces."""
    start = span.start
    while start < span.end:
        first = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        end = min((first + timedelta(days=32)).replace(day=1), span.end)
        yield Window(start, end)
        start = end
