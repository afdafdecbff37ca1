"""Burki: the stream of its calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import UNKNOWN, normalize_enum
from tap_voicecalls.common.times import format_time
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.providers.burki.calls import STATUSES
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.paginators import OffsetPaginator
from tap_voicecalls.streams.reference import WITHOUT_START, Reference
from tap_voicecalls.streams.without_start import FindsCallsWithoutStart

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.without_start import Seen


class BurkiCalls(FindsCallsWithoutStart[int]):
    """Calls, newest first. The time filter is on the start, and both its ends are inclusive.

    The filter leaves out calls without a start.
    """

    name = "burki_calls"
    # Without the trailing slash the server redirects.
    path = "/api/v1/calls/"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    reference = Reference(
        endpoint="`GET /api/v1/calls/`",
        paging="`skip` up to `total`; pages of 1000",
        time_filter="`date_from` <= t <= `date_to`: windows of 7 days; what comes for two of them"
        f" is written once; beside them {WITHOUT_START}",
        order="start, descending, ties in any order: sorted here",
        late_changes="status, duration, costs",
    )
    window = timedelta(days=7)
    reports_total = True
    reach_after = timedelta(microseconds=1)
    page_size = 1000  # the highest allowed `limit`

    def get_new_paginator(self) -> OffsetPaginator:
        """Page by offset, up to the total."""
        return OffsetPaginator(self.page_size)

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Request a window, both ends included."""
        return self._request(
            skip=page.token or 0,
            date_from=format_time(page.window.start),
            date_to=format_time(page.window.end),
        )

    def get_unfiltered_request(self, seen: Seen, *, from_end: bool) -> HTTPRequest | None:
        """Request calls of any time from either end of the list; its end is known by the total."""
        if not from_end:
            return self._request(skip=seen.count)
        if seen.total is None:
            return None
        return self._request(skip=max(seen.total - seen.count - seen.longest, 0))

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> Page:  # noqa: ARG002
        """Read ``{"items": […], "total": n}``, or the bare array of older servers."""
        total = whole_number(answer.get("total"))
        return Page(answer.records("items", count=total), total=total)

    def is_running(self, record: Record) -> bool:
        """Decide by the status; with an unmapped status a call is running until it has an end."""
        status = normalize_enum(STATUSES, record.status)
        if status == UNKNOWN:
            return record.status is not None and record.ended_at is None
        return status == "in_progress"

    def ended_at(self, record: Record) -> str:
        """Return the end of the call: its costs come after it."""
        return record.ended_at or ""

    def _request(self, **parameters: Any) -> HTTPRequest:  # noqa: ANN401 - of the API
        return HTTPRequest(self.path, params={**parameters, "limit": self.page_size})
