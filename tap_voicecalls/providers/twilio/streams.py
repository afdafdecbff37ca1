"""Twilio: the stream of calls.

Source: Twilio's OpenAPI document twilio_api_v2010, ListCall.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.common.errors import ApiError
from tap_voicecalls.common.times import EPOCH, format_time
from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.twilio.calls import STATUSES
from tap_voicecalls.providers.twilio.links import has_cursor, next_link, path_of
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.paging.page import Link, Page
from tap_voicecalls.streams.paging.paginators import CursorPaginator
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.refused_statuses import UNKNOWN_VALUE
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.read_context import ReadContext

_DAY = timedelta(days=1)
_PAGE_SIZE = 1000  # the highest allowed `PageSize`
# A call that was never dialed has no start, so a filter by start may leave it out.
_NEVER_DIALED = ("queued", "canceled", "failed")
_MOST_PAGES = 100  # of each of them in a run


class TwilioCalls(WindowedStream[Link]):
    """Calls by the day of their start; calls that were never dialed are read beside them.

    The filter knows whole days only. Whether the day of `StartTime<` is part of the result was
    documented both ways: a call right at midnight may come for two days, and is written once.
    """

    name = "twilio_calls"
    path = "/Accounts/{account_sid}/Calls.json"
    primary_keys = ("account", "sid")
    replication_key = "started_at"
    reference = Reference(
        endpoint="`GET /Accounts/{account_sid}/Calls.json`",
        paging="`next_page_uri`; pages of 1000",
        time_filter="`StartTime>` and `StartTime<`, whole days in UTC: windows of 1 day, cut off "
        "here; beside them the latest calls by the status queued, canceled and failed, of which "
        "some have no start",
        order="newest first: sorted here",
        late_changes="status, duration, price",
    )
    window = window_grid = _DAY

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield completed windows, with the calls that were never dialed in their places."""
        windows = super().read(context)
        # First of all: it shows whether the account can be read.
        first = list(islice(windows, 1))
        left = [] if self.is_test else in_order(self._without_start(context))
        for window in chain(first, windows):
            # What the windows have of a call is newer: it may have been dialed meanwhile.
            found = {row.key for row in window.rows} if left else ()
            left = [row for row in left if row.key not in found]
            end = format_time(window.complete_to)
            due = [row for row in left if row.time and row.time < end]
            left = [row for row in left if not row.time or row.time >= end]
            yield replace(window, rows=in_order([*window.rows, *due])) if due else window
        if left:
            yield CompletedWindow(left, context.span.end)

    def requested_window(self, window: Window, account: Account) -> Window:
        """Return the whole days of a window, and the midnight after them."""
        start, end = self._days(window)
        before = _DAY if _has_names_of_telnyx(account) else timedelta(0)
        return Window(start - before, end + timedelta(seconds=1))

    def filter_to_window(self, rows: list[Row], window: Window, account: Account) -> list[Row]:
        """Leave out the rest of the days; what lies elsewhere is kept, as no other day has it."""
        start, end = self.requested_window(window, account).as_text
        return [row for row in rows if not start <= row.time < end or window.contains(row.time)]

    def get_new_paginator(self) -> CursorPaginator[Link]:
        """Follow the link to the next page."""
        return CursorPaginator()

    def get_http_request(self, *, page: PageContext[Link]) -> HTTPRequest:
        """Request the days of a window, or the latest calls with a status."""
        if page.token:
            return HTTPRequest(page.token.href)
        params = {"Status": page.part} if page.part else self._filter(page)
        return HTTPRequest(path_of(page.account), params={**params, "PageSize": _PAGE_SIZE})

    def parse_page(self, answer: Answer, *, page: PageContext[Link]) -> Page:
        """Read ``{"calls": […], "next_page_uri": "/2010-04-01/…"}``."""
        link = answer.get("next_page_uri")
        following = next_link(link, page.account) if link is not None and link != "" else None
        by_position = following is not None and not has_cursor(following)
        return Page(answer.records("calls"), next=following, next_by_position=by_position)

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the start of a call that was never dialed from its creation."""
        record.started_at = record.start_time or record.date_created

    def read_time_of(self, record: Record) -> str:
        """Return the start as sent; empty for a call that was never dialed."""
        return record.start_time or ""

    def is_running(self, record: Record) -> bool:
        """Decide by the status."""
        return normalize_enum(STATUSES, record.status) == "in_progress"

    def ended_at(self, record: Record) -> str:
        """Return the end of the call: its price comes after it."""
        return record.end_time or record.date_updated or ""

    def _filter(self, page: PageContext[Link]) -> dict[str, str]:
        """Return the filter by the days of a window.

        The SDKs of Telnyx name it in another way than its documentation, and do not say whether
        "after" a day leaves that day out.
        """
        start, end = (moment.date() for moment in self._days(page.window))
        days = {"StartTime>": start, "StartTime<": end}
        if _has_names_of_telnyx(page.account):
            days |= {"StartTime_gt": start - _DAY, "StartTime_lt": end}
        return {name: day.isoformat() for name, day in days.items()}

    @staticmethod
    def _days(window: Window) -> tuple[datetime, datetime]:
        start, end = window.start, window.end
        return start - (start - EPOCH) % _DAY, end + (EPOCH - end) % _DAY

    def _without_start(self, context: ReadContext) -> list[Row]:
        """Return the calls without a start; later runs would not find them.

        Raises:
            ApiError: They cannot be read. A status that the server does not know is left out.
        """
        rows: list[Row] = []
        for status in _NEVER_DIALED:
            try:
                rows += self._latest(context, status)
            except ApiError as error:
                if error.status not in UNKNOWN_VALUE:
                    raise
                self.logger.warning(
                    "%s: calls that are %s cannot be listed: %s", context.where, status, error
                )
        return rows

    def _latest(self, context: ReadContext, status: str) -> Iterator[Row]:
        """Yield the calls without a start among the latest ones with a status."""
        since, until = context.span.as_text
        for page in islice(self.pages(context, context.span, status), _MOST_PAGES):
            for row in page.items:
                is_due = since <= row.time < until if row.time else self.is_up_to_now(context)
                if is_due and not row.read_time:
                    yield row
            # Of the last one: a single odd time is not the end of the days.
            times = [row.time for row in page.items if row.time]
            if page.next is None or (times and times[-1] < since):
                return
        self.logger.warning(
            "%s: more than %d pages of calls are %s; those without a start among the others are "
            "not read; read a shorter time",
            context.where,
            _MOST_PAGES,
            status,
        )


def _has_names_of_telnyx(account: Account) -> bool:
    return bool(account.settings.get("bearer_token"))
