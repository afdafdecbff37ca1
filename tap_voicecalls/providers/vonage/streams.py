"""The stream of voice records, read page by page or, where much is settled, by report."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import astuple
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.windows import Window
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.providers.vonage.paging import next_page
from tap_voicecalls.providers.vonage.products import is_other_product
from tap_voicecalls.providers.vonage.ranges import (
    RETENTION_MONTHS,
    goes_by_report,
    readable,
    request_time,
    settled,
)
from tap_voicecalls.providers.vonage.reports.reader import read_by_report
from tap_voicecalls.streams.paging.page import Cursor, Link, Page
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
    """Reports of calls that ended, one list a product. The time filter is half-open.

    `vonage.mode` says which way they come: page by page, or in the files of asynchronous reports.
    What may still change always comes page by page.
    """

    name = "vonage_voice_reports"
    path = "/v2/reports/records"
    primary_keys = ("account", "id")
    replication_key = "start_time"
    reference = Reference(
        endpoint="`GET /v2/reports/records`, each product by itself; or `POST /v2/reports` and "
        "the file of the [report](#vonages-reports)",
        paging="`cursor` with `iv`, of the answer or of its `next` link, sent with the window; "
        "pages of 1000",
        time_filter="`date_start` <= t < `date_end`, at most 24 h: windows of 24 h, from 13 "
        "months ago to a minute before now",
        order="not documented: sorted here",
        late_changes="lists a call once it ended",
    )
    identified_by = "id"
    # Speech is recognised several times in one leg, so the start counts beside the leg's id.
    identity = (
        ("call_id", "product", "start_time"),
        ("leg_id", "product", "start_time"),
        ("trace_id", "product", "start_time"),
        ("request_id", "product", "start_time"),
        ("start_time", "product", "direction", "from", "to"),
    )
    # The synchronous endpoint refuses more.
    window = timedelta(hours=24)
    # Each record is charged, and what is under way at an interruption is paid for twice.
    rows_in_flight = 4_000

    def parts(self, account: Account) -> Sequence[str]:
        """Products are asked for one by one."""
        return account.parts

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield what is settled by report, if that is the way, and all else page by page."""
        span = readable(context.span, self.now)
        if span.start > context.span.start:
            self._warn_of_retention(context, span.start)
            if context.span.end <= span.start:
                # Nothing of it can be read any more: it is as complete as it will ever be.
                yield CompletedWindow([], context.span.end)
                return
        if self._goes_by_report(context, part := settled(span, self.now, context.lookback)):
            account_id = _account_id(context.account.settings)
            make_rows = partial(self.rows, context)
            yield from read_by_report(context, account_id, part, self.now, make_rows)
            span = Window(part.end, span.end)
        yield from self._read_spans(context, span)

    def get_new_paginator(self) -> CursorPaginator[Cursor | Link]:
        """Follow the cursor, or the link."""
        return CursorPaginator()

    def get_http_request(self, *, page: PageContext[Cursor | Link]) -> HTTPRequest:
        """Ask for a product's calls in a window; `direction` is left out, for some refuse it."""
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
        """Read a page; where the list goes on is what it says."""
        asked = page.part, _account_id(page.account.settings)
        _refuse_another(answer, *asked)
        return Page(
            answer.records("records", count=whole_number(answer.get("items_count"))),
            next=next_page(answer.get, page.account.settings["base_url"]),
            common={"product": page.part},
        )

    def fill_derived_fields(self, record: Record) -> None:
        """Name start and end alike for all products: most send `date_start` and `date_end`.

        A record without an id gets one that is made of what cannot change in it. An empty text is
        null: CSV tells no difference, and both ways give the same records.
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
            "%s: Vonage keeps %d months: nothing before %s is read",
            context.account.client.named(self.name),
            RETENTION_MONTHS,
            start.date(),
        )

    def _goes_by_report(self, context: ReadContext, part: Window) -> bool:
        # A test of the connection reads one record: no reason to pay for months.
        return self.ABORT_AT_RECORD_COUNT is None and goes_by_report(
            context.account.settings["mode"], part
        )


def _account_id(settings: Mapping[str, Any]) -> str:
    """Return whose calls are read: by default the key's own account's."""
    found: str = settings.get("account_id") or settings["api_key"]
    return found


def _refuse_another(answer: Answer, product: str, account_id: str) -> None:
    """Refuse a page that says it is of another product or account than was asked for."""
    if is_other_product(answer.get("product"), product):
        msg = f"response is of another product than {product}, which was asked for"
        raise BadAnswer(msg)
    reported = answer.get("account_id")
    if isinstance(reported, str) and reported not in {"", account_id}:
        msg = "response is of another account than was asked for; check `vonage.account_id`"
        raise BadAnswer(msg)
