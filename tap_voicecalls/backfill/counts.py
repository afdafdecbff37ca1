"""Counts the calls of a provider by cell, with one request each, if its API reports totals."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

from tap_voicecalls.backfill.cutting import Cell, cut_evenly
from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.common.windows import Window
from tap_voicecalls.streams.paged import PageContext
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk import Stream

    from tap_voicecalls.backfill.units import Unit

# Some filters include both ends: without this, a call right on an edge is counted twice.
_TICK = timedelta(microseconds=1)
# A cell of a 13-month backfill is about half a month, so weekdays do not distort the counts.
_CELLS = 24


def count_calls(unit: Unit, span: Window, streams: Mapping[str, Stream]) -> list[Cell] | None:
    """Count the calls of a unit by cell; None if the provider reports no totals.

    Args:
        unit: The unit.
        span: The time to divide.
        streams: The tap's streams by name.

    Raises:
        ApiError: The provider rejected a request.
    """
    stream = next(filter(None, (_with_total(streams[name]) for name in unit.streams)), None)
    if stream is None or not unit.is_divisible:
        return None
    windows, cancelled = cut_evenly(span, _CELLS), Event()
    ask = partial(_total, stream, unit, cancelled)
    try:
        totals = list(read_ahead(ask, windows, stream.requests_at_once))
    finally:
        cancelled.set()
    if None in totals:
        return None
    return [Cell(window, total or 0) for window, total in zip(windows, totals, strict=True)]


def _with_total(stream: Stream) -> WindowedStream[Any] | None:
    return stream if isinstance(stream, WindowedStream) and stream.reports_total else None


def _total(stream: WindowedStream[Any], unit: Unit, cancelled: Event, window: Window) -> int | None:
    """Return the number of records in a window; None if the server does not report it."""
    start, asked = stream.get_new_paginator().start, Window(window.start, window.end - _TICK)
    pages = (PageContext(unit.account, asked, part, start) for part in stream.parts(unit.account))
    totals = [_total_of(stream, page, cancelled) for page in pages]
    return None if None in totals else sum(total or 0 for total in totals)


def _total_of(stream: WindowedStream[Any], page: PageContext[Any], cancelled: Event) -> int | None:
    client = page.account.client
    answer = client.fetch(
        stream.get_http_request(page=page), stream=stream.name, cancelled=cancelled
    )
    try:
        return stream.parse_page(answer, page=page).total
    except BadAnswer as error:
        msg = f"{client.named(stream.name)}: {error}"
        raise ApiError(msg) from None
