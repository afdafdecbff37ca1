"""The stream of Made Up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.paginators import SinglePagePaginator
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.streams.paged import PageContext


class MadeUpCalls(WindowedStream[None]):
    """Calls, all of a window in one answer."""

    name = "made_up_calls"
    path = "/calls"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    reference = Reference(
        endpoint="`GET /calls`",
        paging="none: one array for each window",
        time_filter="`from` <= t < `to`: windows of 1 day",
        order="not documented: sorted here",
        late_changes="nothing",
    )
    window = timedelta(days=1)

    def get_new_paginator(self) -> SinglePagePaginator:
        """One page."""
        return SinglePagePaginator()

    def get_http_request(self, *, page: PageContext[None]) -> HTTPRequest:
        """Ask for a window."""
        start, end = page.window.as_text
        return HTTPRequest(self.path, params={"from": start, "to": end})

    def parse_page(self, answer: Answer, *, page: PageContext[None]) -> Page:  # noqa: ARG002
        """Read a bare array."""
        return Page(answer.records("calls"))
