"""Made Up: the stream of its calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.streams.paging.page import Page, next_cursor
from tap_voicecalls.streams.paging.paginators import CursorPaginator
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.streams.paged import PageContext


class MadeUpCalls(WindowedStream[str]):
    """Calls by their start. A page names the next one by an opaque cursor."""

    name = "made_up_calls"
    path = "/calls"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    reference = Reference(
        endpoint="`GET /calls`",
        paging="opaque `next_cursor`; pages of 100",
        time_filter="`from` <= t < `to`: windows of 1 day",
        order="not documented: sorted here",
        late_changes="nothing",
    )
    window = timedelta(days=1)
    page_size = 100  # the most that `limit` may be

    def get_new_paginator(self) -> CursorPaginator[str]:
        """Follow the cursor, until a page has none."""
        return CursorPaginator()

    def get_http_request(self, *, page: PageContext[str]) -> HTTPRequest:
        """Ask for one page of a window."""
        start, end = page.window.as_text
        cursor = {"cursor": page.token} if page.token else {}
        params = {"from": start, "to": end, "limit": self.page_size, **cursor}
        return HTTPRequest(self.path, params=params)

    def parse_page(self, answer: Answer, *, page: PageContext[str]) -> Page:  # noqa: ARG002
        """Read ``{"calls": […], "next_cursor": "…"}``."""
        return Page(answer.records("calls"), next=next_cursor(answer.get, "next_cursor"))
