"""Telnyx: Voice SDK call reports, and the call detail records beside them.

Source: developers.telnyx.com/api-reference/voice-sdk-stats and /detail-records.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from singer_sdk import typing as th
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.errors import ApiError
from tap_voicecalls.pagination import Page, PageNumberPaginator, SentPage
from tap_voicecalls.provider import Provider
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.reading import Slice
from tap_voicecalls.row import in_order
from tap_voicecalls.sorted_list import SortedList
from tap_voicecalls.stream import CallStream
from tap_voicecalls.times import EPOCH, format_time, parse_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream
from tap_voicecalls.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.provider import Account
    from tap_voicecalls.reading import Reading
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row

_REPORTS_PAGE_SIZE = 100
_RECORDS_PAGE_SIZE = 50
_LONGEST_CALL = timedelta(hours=24)
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
        by_id = read_ahead(partial(self._of_call, reading), named, self.config["concurrency"])
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
            fetch_all=lambda numbers: read_ahead(fetch, numbers, self.config["concurrency"]),
            position=lambda row: row.place or None,
            key=attrgetter("key"),
        )

    def _fetch_page(self, reading: Reading, number: int) -> Page:
        request = HTTPRequest(
            self.path,
            params={
                "page[number]": number,
                "page[size]": _REPORTS_PAGE_SIZE,
                "sort": "created_at",
            },
            safe_query_chars="[]",
        )
        sent = _parsed(reading.ask(request))
        return sent.holding(self.rows(reading, sent.records))

    def _of_call(self, reading: Reading, call_id: str) -> list[Row]:
        """Fetch all segments of one call; one without any report has none."""
        path = f"{self.path}/{quote(call_id, safe='')}"
        try:
            answer = reading.ask(HTTPRequest(path))
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.logger.warning("no report of call %s, named in `telnyx.call_ids`", call_id)
            return []
        return self.rows(reading, answer.records("data"))


class TelnyxDetailRecords(WindowedStream[int]):
    """Call detail records, one list a record type.

    The filter is half-open, but on the time a record was made, which is no field of it and comes
    once the call ended. The bookmark is a time of that kind; which calls are wanted goes by their
    start all the same.
    """

    name = "telnyx_detail_records"
    path = "/detail_records"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    identified_by = "id"
    window = timedelta(days=1)

    def parts(self, account: Account) -> Sequence[str]:
        """Record types are asked for one by one."""
        return tuple(dict.fromkeys(account.settings["record_types"]))

    def read(self, reading: Reading) -> Iterator[Slice]:
        """Read on past the end for the records of calls that started before it."""
        span = reading.span
        reach = Window(span.start, min(span.end + _LONGEST_CALL, self.now))
        for part in super().read(replace(reading, span=reach)):
            yield replace(part, complete_to=min(part.complete_to, span.end))

    def get_new_paginator(self) -> PageNumberPaginator:
        """Count pages up to the number the server tells."""
        return PageNumberPaginator()

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Ask for a record type in a window, oldest first."""
        return HTTPRequest(
            self.path,
            params={
                "filter[record_type]": page.part,
                "filter[created_at][gte]": format_time(page.window.start),
                "filter[created_at][lt]": format_time(page.window.end),
                "page[number]": page.token or 1,
                "page[size]": _RECORDS_PAGE_SIZE,
                "sort": "created_at",
            },
            safe_query_chars="[]",
        )

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> SentPage:  # noqa: ARG002
        """Read ``{"data": […], "meta": {…}}``."""
        return _parsed(answer)

    def of_window(self, rows: Iterable[Row], window: Window) -> Iterable[Row]:  # noqa: ARG002
        """Take what the server picks for the window, if the user wants calls of its time."""
        return super().of_window(rows, self.bounds)


class Telnyx(Provider):
    """Telnyx."""

    name = "telnyx"
    title = "Telnyx"
    base_url = "https://api.telnyx.com/v2"
    streams = (TelnyxCallReports, TelnyxDetailRecords)
    settings = (
        th.Property(
            "call_ids",
            th.ArrayType(th.StringType(min_length=1)),
            default=[],
            description="Calls whose reports to fetch by id in each run, beside those listed.",
        ),
        th.Property(
            "record_types",
            th.ArrayType(th.StringType(min_length=1)),
            default=["webrtc"],
            description="The types of call detail records to read, such as webrtc, sip-trunking, "
            "call-control or ai-voice-assistant.",
        ),
    )

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"errors": [{"code", "title", …}]}``."""
        match answer:
            case {"errors": [{"code": code, "title": str(title)}, *_]}:
                return f"{code} {title}"
            case _:
                return ""


def _parsed(answer: Answer) -> SentPage:
    match answer.get("meta"):
        case {"total_pages": int(pages), "total_results": int(total)}:
            return SentPage(answer.records("data"), total=total, pages=pages)
        case _:
            return SentPage(answer.records("data"))


def _placed_by_time(page: Page) -> Page:
    """Go by when reports were stored, for a server that never tells when they were made."""
    rows = (
        msgspec.structs.replace(row, place="" if row.time == _NO_TIME else row.time)
        for row in page.items
    )
    return replace(page, items=list(rows))
