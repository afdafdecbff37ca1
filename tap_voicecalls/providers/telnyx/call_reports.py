"""Telnyx: the stream of Voice SDK call reports.

Source: developers.telnyx.com/api-reference/voice-sdk-stats.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.times import EPOCH, format_time, parse_time
from tap_voicecalls.providers.telnyx.pages import parsed
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.rows.row_store import last_first
from tap_voicecalls.streams.base import ProviderStream
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.sorted_list import SortedList
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.refused_statuses import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext

_PAGE_SIZE = 100
_OLDEST_FIRST, _NEWEST_FIRST = "created_at", "-created_at"
# Replaces null in the key, for a report with neither a storage nor a creation time.
_NO_TIME = format_time(EPOCH)


class TelnyxCallReports(ProviderStream):
    """Reports of the Voice SDK, one for each segment of a call. The list has an order, no filter.

    Attributes:
        chunk_pages: How many pages are read before their rows and a STATE are written.
    """

    name = "telnyx_call_reports"
    path = "/voice_sdk_call_reports"
    primary_keys = ("account", "call_id", "segment", "stored_at")
    replication_key = "stored_at"
    reference = Reference(
        endpoint="`GET /voice_sdk_call_reports`; `/{call_id}` for `telnyx.call_ids`",
        paging="page number; pages of 100",
        time_filter="none: the first page of interest is found by bisection, then the list is "
        "read on; one request at the end asks for the newest",
        order="creation, ascending; newest first for what a capped list hides",
        late_changes="new segments",
    )
    identified_by = "call_id"
    # `segment` and `stored_at` are part of the key anyway.
    identity = (
        ("telnyx_leg_id", "user_id"),
        ("telnyx_session_id", "user_id"),
        ("voice_sdk_session_id", "user_id"),
        ("call_report_id", "user_id"),
        ("voice_sdk_id", "user_id"),
        ("created_at", "user_id"),
    )
    chunk_pages: ClassVar[int] = SortedList.chunk_pages

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the list from the start of the span on, then the calls that are requested by id."""
        span = context.span
        start, end = format_time(span.start), format_time(span.end)
        named = dict.fromkeys(context.account.settings["call_ids"])
        listed = set[Hashable]()
        complete_to = span.start
        for rows in self._list(context).since(start, end):
            # A report without a creation time was created before it was stored.
            wanted = [row for row in rows if start <= (row.read_time or row.time) < end]
            wanted += [row for row in rows if row.time == _NO_TIME]
            listed |= {row.key for row in wanted if row.key[1] in named}
            times = [row.read_time for row in wanted if row.read_time]
            complete_to = max([complete_to, *map(parse_time, times)])
            yield CompletedWindow(in_order(wanted), complete_to)
            if any(row.read_time >= end for row in rows):
                break
        by_id = read_ahead(partial(self._of_call, context), named, self.requests_at_once)
        missing = (row for rows in by_id for row in rows)
        yield CompletedWindow(in_order(row for row in missing if row.key not in listed), span.end)

    def read_time_of(self, record: Record) -> str:
        """Return the creation time, by which the list is sorted; it may be missing."""
        return record.created_at or ""

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the parts of the key that may be missing."""
        record.stored_at = record.stored_at or record.created_at or _NO_TIME
        record.segment = record.segment or 0

    def _list(self, context: ReadContext) -> SortedList:
        has_creation_times: list[bool] = []

        def fetch(number: int, sort: str = _OLDEST_FIRST) -> Page:
            page = self._fetch_page(context, number, sort)
            if not has_creation_times:
                has_creation_times.append(any(row.read_time for row in page.items))
            if not has_creation_times[0]:
                return _by_storage_time(page)
            _require_order(page, ascending=sort == _OLDEST_FIRST)
            return page

        return SortedList(
            fetch=fetch,
            fetch_all=lambda numbers: read_ahead(fetch, numbers, self.requests_at_once),
            newest=partial(fetch, sort=_NEWEST_FIRST),
            reverse=last_first,
            position=lambda row: row.read_time or None,
            key=attrgetter("key"),
            size=_PAGE_SIZE,
            chunk_pages=self.chunk_pages,
        )

    def _fetch_page(self, context: ReadContext, number: int, sort: str) -> Page:
        request = HTTPRequest(
            self.path,
            params={"page[number]": number, "page[size]": _PAGE_SIZE, "sort": sort},
            safe_query_chars="[]",
        )
        try:
            answer = context.ask(request)
        except ApiError as error:
            # A page past the end, or past what the server shows, may be refused instead of empty.
            # The newest reports, which are read last, reveal whether that hides any.
            if number > 1 and error.status in REFUSED:
                return Page([])
            raise
        raw = parsed(answer, _PAGE_SIZE)
        return raw.with_rows(self.rows(context, raw.items))

    def _of_call(self, context: ReadContext, call_id: str) -> list[Row]:
        """Fetch all segments of one call; a call without a report has none."""
        path = f"{self.path}/{quote(call_id, safe='')}"
        try:
            answer = context.ask(HTTPRequest(path))
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.logger.warning(
                "no report found for call %s of `telnyx.call_ids`", safe_name(call_id)
            )
            return []
        return self.rows(context, answer.records("data"))


def _require_order(page: Page, *, ascending: bool) -> None:
    """Refuse a page in another order: gaps in such a list cannot be detected."""
    times = [row.read_time for row in page.items if row.read_time]
    if times and times[0] != times[-1] and (times[0] < times[-1]) is not ascending:
        msg = "the server ignored `sort`: a page of call reports is not in the requested order"
        raise BadAnswer(msg)


def _by_storage_time(page: Page) -> Page:
    """Use the storage times, for a server that sends no creation times."""
    rows = (
        msgspec.structs.replace(row, read_time="" if row.time == _NO_TIME else row.time)
        for row in page.items
    )
    return replace(page, items=list(rows))
