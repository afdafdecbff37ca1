"""Telnyx: Voice SDK call reports, and the call detail records beside them.

Source: developers.telnyx.com/api-reference/voice-sdk-stats and /detail-records.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from singer_sdk import typing as th
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.answers import records_in
from tap_voicecalls.auth import BearerAuth
from tap_voicecalls.errors import ApiError
from tap_voicecalls.pagination import Page, PageNumberPaginator
from tap_voicecalls.provider import Provider
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.sorted_list import SortedList
from tap_voicecalls.stream import CallStream, Slice
from tap_voicecalls.times import EPOCH, format_time, parse_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream
from tap_voicecalls.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.provider import Account
    from tap_voicecalls.stream import Reading

    Record = dict[str, Any]

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
        named = dict.fromkeys(reading.account.settings["call_ids"])
        listed = set[tuple[Any, ...]]()
        complete_to = span.start
        for records in self._list(reading).since(span.start):
            wanted = [record for record in records if _lies_before(record, span.end)]
            listed |= {self.key_of(record) for record in wanted if record["call_id"] in named}
            complete_to = max([complete_to, *filter(None, map(_position, wanted))])
            yield Slice(self.in_order(wanted), complete_to)
            if len(wanted) < len(records):
                break
        by_id = read_ahead(partial(self._of_call, reading), named, self.config["concurrency"])
        missing = (record for records in by_id for record in records)
        unseen = (record for record in missing if self.key_of(record) not in listed)
        yield Slice(self.in_order(unseen), span.end)

    def complete(self, record: Record) -> Record:
        """Fill the parts of the key that may be missing."""
        stored_at = record.get("stored_at") or record.get("created_at") or _NO_TIME
        return {**record, "segment": record.get("segment") or 0, "stored_at": stored_at}

    def _list(self, reading: Reading) -> SortedList:
        fetch = partial(self._fetch_page, reading)
        return SortedList(
            fetch=fetch,
            fetch_all=lambda numbers: read_ahead(fetch, numbers, self.config["concurrency"]),
            position=_position,
            key=self.key_of,
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
        page = _parsed(reading.ask(request))
        return replace(page, items=[self.conformed(reading, sent) for sent in page.items])

    def _of_call(self, reading: Reading, call_id: str) -> list[Record]:
        """Fetch all segments of one call; one without any report has none."""
        path = f"{self.path}/{quote(call_id, safe='')}"
        try:
            answer = reading.ask(HTTPRequest(path))
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.logger.warning("no report of call %s, named in `telnyx.call_ids`", call_id)
            return []
        return [self.conformed(reading, sent) for sent in records_in(answer, "data")]


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

    def parse_page(self, answer: Any, *, page: PageContext[int]) -> Page:  # noqa: ANN401, ARG002
        """Read ``{"data": […], "meta": {…}}``."""
        return _parsed(answer)

    def belongs(self, record: Record, window: Window) -> bool:  # noqa: ARG002
        """Take what the server picks for the window, if the user wants calls of its time."""
        return self.started_in(record, self.bounds)


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
    def auth(cls, settings: Mapping[str, Any]) -> BearerAuth:
        """Bearer with the API key."""
        return BearerAuth(settings["api_key"])

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"errors": [{"code", "title", …}]}``."""
        match answer:
            case {"errors": [{"code": code, "title": str(title)}, *_]}:
                return f"{code} {title}"
            case _:
                return ""


def _parsed(answer: Any) -> Page:  # noqa: ANN401 - JSON is any value
    match answer:
        case {"meta": {"total_pages": int(pages), "total_results": int(total)}}:
            return Page(records_in(answer, "data"), total=total, pages=pages)
        case _:
            return Page(records_in(answer, "data"))


def _position(record: Record) -> datetime | None:
    """Return the time a report is listed by; None where it has no time at all."""
    moment = parse_time(record["created_at"] or record["stored_at"])
    return None if moment == EPOCH else moment


def _lies_before(record: Record, end: datetime) -> bool:
    position = _position(record)
    return position is None or position < end
