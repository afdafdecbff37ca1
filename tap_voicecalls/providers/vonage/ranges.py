"""Vonage: the ranges of time that can be requested, and those that are read by report. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tap_voicecalls.common.times import EPOCH
from tap_voicecalls.common.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

LATEST = timedelta(seconds=60)
"""How long before now a range ends at the latest. The server refuses a `date_end` that is not in
the past by its own clock, and clocks differ by seconds. Users of the API leave a minute."""
RETENTION_MONTHS = 13
"""How many calendar months records are kept. A range that starts earlier is refused."""
# A range at the start of the retention would be refused a moment later, and a run takes hours.
_RETENTION_MARGIN = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)

LONG = timedelta(days=31)
"""In mode `auto`, settled time that is longer is read by report."""


def request_time(moment: datetime) -> str:
    """Format a time for a request: UTC, with milliseconds as documented.

    It is rounded up. Records have whole milliseconds, so both edges of a half-open range keep their
    meaning, and adjoining ranges still adjoin.
    """
    millis = -((EPOCH - moment) // _MILLISECOND)
    text = (EPOCH + millis * _MILLISECOND).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def kept_since(now: datetime) -> datetime:
    """Return the earliest time that can be requested during a run that begins now.

    It is a midnight, one to two days after the start of the retention. So all runs of a day request
    the same ranges, and a paid report can be reused by the next run.
    """
    year, month = divmod(now.year * 12 + now.month - 1 - RETENTION_MONTHS, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, day, tzinfo=UTC) + timedelta(days=1) + _RETENTION_MARGIN


def readable(span: Window, now: datetime) -> Window:
    """Return the part of a span that can be requested; it may be empty."""
    return Window(max(span.start, kept_since(now)), min(span.end, now - LATEST))


def settled(span: Window, now: datetime, lookback: timedelta) -> Window:
    """Return the part of a span, from its start on, in which calls no longer change.

    It ends at a midnight at least the lookback ago. Calls may appear late, and a report of this
    part has all of them, whichever run requested it. The edges are whole seconds, as the API has
    them for reports.
    """
    midnight = (now - lookback).replace(hour=0, minute=0, second=0, microsecond=0)
    start = span.start.replace(microsecond=0)
    return Window(start, max(start, min(span.end.replace(microsecond=0), midnight)))


def goes_by_report(mode: str, part: Window) -> bool:
    """Return whether the settled part of a span is read by report."""
    length = part.end - part.start
    return {"sync": False, "async": bool(length), "auto": length > LONG}[mode]


def months(span: Window) -> Iterator[Window]:
    """Divide a span at the first of each month, so that later runs request the same ranges."""
    start = span.start
    while start < span.end:
        first = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        end = min((first + timedelta(days=32)).replace(day=1), span.end)
        yield Window(start, end)
        start = end
