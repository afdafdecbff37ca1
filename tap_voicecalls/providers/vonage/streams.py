"""Vonage: the stream of voice records, read page by page or by asynchronous reports."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import astuple
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.windows import Window
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.providers.vonage.paging import Cursor, next_page
from tap_voicecalls.providers.vonage.products import is_other_product
from tap_voicecalls.providers.vonage.ranges import (
    RETENTION_MONTHS,
    goes_by_report,
    readable,
    request_time,
    settled,
)
from tap_voicecalls.providers.vonage.reports.reader import read_by_report
from tap_voicecalls.streams.paging.page import Link, Page
from tap_voicecalls.streams.paging.paginators import CursorPaginator
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.read_context import ReadContext


class VonageVoiceReports(WindowedStream[Cursor | Link]):
    """Records of ended calls, one list for each product. The time filter is half-open.

    They are read page by page, or from the files of asynchronous reports, as `vonage.mode` says.
    Calls that may still change are always read page by page.
    """

    name = "vonage_voice_reports"
    path = "/v2/reports/records"
    primary_keys = ("account", "id")
    replication_key = "start_time"
    bare_numbers = True
    reference = Reference(
        endpoint="`GET /v2/reports/records`, each product by itself; or `POST /v2/reports` and "
        "the file of the [report](#reports)",
        paging="`cursor` with `iv`, of the answer or of its `next` link, sent with the window; "
        "pages of 1000",
        time_filter="`date_start` <= t < `date_end`, at most 24 h: windows of 24 h, from 13 "
        "months ago to a minute before now",
        order="not documented: sorted here",
        late_changes="lists a call once it ended",
    )
    identified_by = "id"
    # One leg may have several speech recognitions, so the start is part of the identity.
    identity = (
        ("call_id", "product", "start_time"),
        ("leg_id", "product", "start_time"),
        ("trace_id", "product", "start_time"),
        ("request_id", "product", "start_time"),
        ("start_time", "product", "direction", "from", "to"),
    )
    # The synchronous endpoint refuses more.
    window = timedelta(hours=24)
    # Each record is charged, and records in flight at an interruption are charged twice.
    rows_in_flight = 4_000

    def parts(self, account: Account) -> Sequence[str]:
        """Return the products, which are read one by one."""
        return account.parts

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read settled calls by report, if the mode says so, and all others page by page."""
        span = readable(context.span, self.now)
        if span.start > context.span.start:
            self._warn_of_retention(context, span.start)
            if context.span.end <= span.start:
                # Vonage has none of it any more, so it is complete.
                yield CompletedWindow([], context.span.end)
                return
        if self._goes_by_report(context, part := settled(span, self.now, context.lookback)):
            account_id = _account_id(context.account.settings)
            make_rows = partial(self.rows, context)
            yield from read_by_report(context, account_id, part, self.now, make_rows)
            span = Window(part.end, span.end)
        yield from self._read_spans(context, span)

    def get_new_paginator(self) -> CursorPaginator[Cursor | Link]:
        """Page by the cursor, or by the link."""
        return CursorPaginator()

    def get_http_request(self, *, page: PageContext[Cursor | Link]) -> HTTPRequest:
        """Request a product's calls in a window, without `direction`, which some refuse."""
        if isinstance(page.token, Link):
            return HTTPRequest(page.token.href)
        params: dict[str, Any] = {
            "product": page.part,
            "account_id": _account_id(page.account.settings),
            "date_start": request_time(page.window.start),
            "date_end": request_time(page.window.end),
        }
        if page.token is not None:
            params |= {"cursor": page.token.cursor, "iv": page.token.iv}
        return HTTPRequest(self.path, params=params)

    def parse_page(self, answer: Answer, *, page: PageContext[Cursor | Link]) -> Page:
        """Read a page, with the cursor or link of the next one."""
        _require_match(answer, page.part, _account_id(page.account.settings))
        return Page(
            answer.records("records", count=whole_number(answer.get("items_count"))),
            next=next_page(answer.get, page.account.settings["base_url"]),
            common={"product": page.part},
        )

    def fill_derived_fields(self, record: Record) -> None:
        """Fill start and end, which most products send as `date_start` and `date_end`.

        Empty texts become null: CSV has no other null, and both ways give the same records. Without
        an id a record is identified by fields that cannot change.
        """
        if "" in astuple(record):
            for name in record.__struct_fields__:
                if getattr(record, name) == "":
                    setattr(record, name, None)
        record.start_time = record.start_time or record.date_start
        record.end_time = record.end_time or record.date_end
        record.id = record.id or None

    def _warn_of_retention(self, context: ReadContext, start: datetime) -> None:
        self.logger.warning(
            "%s: Vonage keeps %d months of records; skipping the time before %s",
            context.where,
            RETENTION_MONTHS,
            start.date(),
        )

    def _goes_by_report(self, context: ReadContext, part: Window) -> bool:
        # A connection test reads one record, and must not pay for months.
        return not self.is_test and goes_by_report(context.account.settings["mode"], part)


def _account_id(settings: Mapping[str, Any]) -> str:
    """Return the account whose calls are read; by default that of the key."""
    account_id: str = settings.get("account_id") or settings["api_key"]
    return account_id


def _require_match(answer: Answer, product: str, account_id: str) -> None:
    """Refuse a page of another product or account than requested."""
    if is_other_product(answer.get("product"), product):
        msg = f"response is of another product than the requested {product}"
        raise BadAnswer(msg)
    reported = answer.get("account_id")
    if isinstance(reported, str) and reported not in {"", account_id}:
        msg = "response is of another account than requested; check `vonage.account_id`"
        raise BadAnswer(msg)
