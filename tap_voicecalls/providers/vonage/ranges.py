"""Which part of the time that is read comes by report, and in which pieces. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tap_voicecalls.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LONG = timedelta(days=31)
"""Settled time that is longer is read by report, where the tap may choose."""


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
