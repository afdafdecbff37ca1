"""The stream of Voice SDK call reports. Source: developers.telnyx.com, voice-sdk-stats."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.errors import ApiError
from tap_voicecalls.providers.telnyx.pages import parsed
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.reading import Slice
from tap_voicecalls.row import in_order
from tap_voicecalls.shown import shown
from tap_voicecalls.sorted_list import SortedList
from tap_voicecalls.stream import CallStream
from tap_voicecalls.times import EPOCH, format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.pagination import Page
    from tap_voicecalls.reading import Reading
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row

_PAGE_SIZE = 100
# Part of the key, so never null: a report that tells neither when it was stored nor made.
_NO_TIME = format_time(EPOCH)


class TelnyxCallReports(CallStream):
    """Reports of the Voice SDK, one a segment of a call. The list can be sorted, not filtered."""

    name = "telnyx_call_reports"
    path = "/voice_sdk_call_reports"
    primary_keys = ("account", "call_id", "segment", "stored_at")
    replication_key = "stored_at"
    identified_by = "call_id"

    def read(self, reading: Reading) -> Iterator[Slice]:
        """Read the list on from the start of the span, then the calls asked for by id."""
        span = reading.span
        start, end = format_time(span.start), format_time(span.end)
        named = dict.fromkeys(reading.account.settings["call_ids"])
        listed = set[Hashable]()
        complete_to = span.start
        for rows in self._list(reading).since(start):
            # One that does not tell when it was made was made before it was stored.
            wanted = [row for row in rows if start <= (row.place or row.time) < end]
            wanted += [row for row in rows if row.time == _NO_TIME]
            listed |= {row.key for row in wanted if row.key[1] in named}
            places = [row.place for row in wanted if row.place]
            complete_to = max([complete_to, *map(parse_time, places)])
            yield Slice(in_order(wanted), complete_to)
            if any(row.place >= end for row in rows):
                break
        by_id = read_ahead(partial(self._of_call, reading), named, self.requests_at_once)
        missing = (row for rows in by_id for row in rows)
        yield Slice(in_order(row for row in missing if row.key not in listed), span.end)

    def place_of(self, record: Record) -> str:
        """The list goes by the time a report was made, which may be missing."""
        return record.created_at or ""

    def complete(self, record: Record) -> None:
        """Fill the parts of the key that may be missing."""
        record.stored_at = record.stored_at or record.created_at or _NO_TIME
        record.segment = record.segment or 0

    def _list(self, reading: Reading) -> SortedList:
        by_made: list[bool] = []

        def fetch(number: int) -> Page:
            page = self._fetch_page(reading, number)
            if not by_made:
                by_made.append(any(row.place for row in page.items))
            return page if by_made[0] else _placed_by_time(page)

        return SortedList(
            fetch=fetch,
            fetch_all=lambda numbers: read_ahead(fetch, numbers, self.requests_at_once),
            position=lambda row: row.place or None,
            key=attrgetter("key"),
        )

    def _fetch_page(self, reading: Reading, number: int) -> Page:
        request = HTTPRequest(
            self.path,
            params={
                "page[number]": number,
                "page[size]": _PAGE_SIZE,
                "sort": "created_at",
            },
            safe_query_chars="[]",
        )
        sent = parsed(reading.ask(request))
        return sent.holding(self.rows(reading, sent.records))

    def _of_call(self, reading: Reading, call_id: str) -> list[Row]:
        """Fetch all segments of one call; one without any report has none."""
        path = f"{self.path}/{quote(call_id, safe='')}"
        try:
            answer = reading.ask(HTTPRequest(path))
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.logger.warning("no report of call %s of `telnyx.call_ids`", shown(call_id))
            return []
        return self.rows(reading, answer.records("data"))


def _placed_by_time(page: Page) -> Page:
    """Go by when reports were stored, for a server that never tells when they were made."""
    rows = (
        msgspec.structs.replace(row, place="" if row.time == _NO_TIME else row.time)
        for row in page.items
    )
    return replace(page, items=list(rows))
