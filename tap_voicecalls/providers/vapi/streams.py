"""Vapi: the stream of calls.

Source: Vapi's OpenAPI document at VapiAI/docs eabfa53, `GET /call`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.providers.vapi.calls import STATUSES
from tap_voicecalls.streams.paging.growing_pages import GrowingPages, TimeCursor
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.updated import ReadsUpdates

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.identity import Identities
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.read_context import ReadContext

_PAGE_SIZE, _LARGEST_PAGE = 100, 1000


class VapiCalls(ReadsUpdates[TimeCursor]):
    """Calls by their creation, newest first, and then those that changed since the last run.

    Several calls of a campaign are created in one millisecond, so a page includes the time at which
    the page before it ended.
    """

    name = "vapi_calls"
    path = "/call"
    primary_keys = ("account", "id")
    replication_key = "createdAt"
    # Keys of vendors, headers of tools, addresses for listening to a call.
    holds_secrets = True
    signed_links = frozenset(
        {
            *("recordingUrl", "stereoRecordingUrl", "videoRecordingUrl", "pcapUrl", "logUrl"),
            *("stereoUrl", "combinedUrl", "assistantUrl", "customerUrl", "videoUrl"),
        }
    )
    reference = Reference(
        endpoint="`GET /call`",
        paging="`createdAtLe` = creation of the last one, inclusive; pages of 100, up to 1000 for "
        "calls of one time",
        time_filter="`createdAtGe` <= t < `createdAtLt`: windows of 1 day; then `updatedAtGe`, for "
        "calls that changed since the last run",
        order="creation, descending; another order is an error",
        late_changes="everything, by `updatedAt`; calls are kept for 14 days on some plans",
    )
    window = timedelta(days=1)
    window_grid = timedelta(milliseconds=1)
    kept_for = timedelta(days=14)

    def get_new_paginator(self) -> GrowingPages:
        """Page by the creation of the last call."""
        return GrowingPages(_time_of, _PAGE_SIZE, _LARGEST_PAGE)

    def get_http_request(self, *, page: PageContext[TimeCursor]) -> HTTPRequest:
        """Request calls that were created in a window."""
        start, end = page.window.as_text
        if page.token is None:
            return self._request(page, createdAtGe=start, createdAtLt=end)
        return self._request(page, createdAtGe=start)

    def get_updates_request(self, since: datetime, *, page: PageContext[TimeCursor]) -> HTTPRequest:
        """Request calls that changed at a time or later."""
        return self._request(page, updatedAtGe=format_time(since))

    def fetch_page(
        self,
        context: ReadContext,
        request: HTTPRequest,
        page: PageContext[TimeCursor],
        identities: Identities | None = None,
    ) -> Page:
        """Return the rows of a page without those before its window."""
        whole = super().fetch_page(context, request, page, identities)
        if page.token and page.token.reach == "older":
            return whole
        start, _ = page.window.as_text
        rows = [row for row in whole.items if not row.time or row.time >= start]
        return replace(whole, items=rows, is_last=len(rows) < len(whole.items))

    def parse_page(self, answer: Answer, *, page: PageContext[TimeCursor]) -> Page:  # noqa: ARG002
        """Read the array of calls."""
        return Page(answer.records(""))

    def is_running(self, record: Record) -> bool:
        """Decide by the status; a scheduled call is found by its change."""
        return normalize_enum(STATUSES, record.status) == "in_progress" and not record.schedulePlan

    def ended_at(self, record: Record) -> str:
        """Return the end of the call; its costs and its analysis come after it."""
        return record.endedAt or ""

    def _request(self, page: PageContext[TimeCursor], **filters: str) -> HTTPRequest:
        token = page.token
        if token is None:
            return HTTPRequest(self.path, params={**filters, "limit": _PAGE_SIZE})
        if token.reach == "older":
            filters = {"createdAtLt": format_time(token.time)}
        else:
            filters = {} if token.reach == "all" else filters
            filters["createdAtLe"] = format_time(token.up_to)
        return HTTPRequest(self.path, params={**filters, "limit": token.size})


def _time_of(row: Row) -> datetime | None:
    return parse_time(row.time) if row.time else None
