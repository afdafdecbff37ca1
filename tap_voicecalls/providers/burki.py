"""Burki: calls of voice assistants. Source: docs.burki.dev/api-reference, and its openapi.json."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.answers import whole_number
from tap_voicecalls.pagination import OffsetPaginator, SentPage
from tap_voicecalls.provider import Provider
from tap_voicecalls.times import format_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream

if TYPE_CHECKING:
    from tap_voicecalls.answers import Answer
    from tap_voicecalls.record_type import Record

_PAGE_SIZE = 1000


class BurkiCalls(WindowedStream[int]):
    """Calls, newest first. The time filter is on the start and takes in both its ends."""

    name = "burki_calls"
    # With the slash: without it the server redirects.
    path = "/api/v1/calls/"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    window = timedelta(days=7)

    def get_new_paginator(self) -> OffsetPaginator:
        """Skip what was read, up to the total."""
        return OffsetPaginator()

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Ask for a window with both its ends; the call that starts at its end is left out here."""
        return HTTPRequest(
            self.path,
            params={
                "date_from": format_time(page.window.start),
                "date_to": format_time(page.window.end),
                "skip": page.token or 0,
                "limit": _PAGE_SIZE,
            },
        )

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> SentPage:  # noqa: ARG002
        """Read ``{"items": […], "total": n}``, or the bare array of older servers."""
        return SentPage(answer.records("items"), total=whole_number(answer.get("total")))

    def is_running(self, record: Record) -> bool:
        """One word means that a call has not ended."""
        return bool(record.status == "ongoing")

    def ended_at(self, record: Record) -> str:
        """Costs come once a call ended."""
        return record.ended_at or ""


class Burki(Provider):
    """Burki."""

    name = "burki"
    title = "Burki"
    base_url = "https://api.burki.dev"
    streams = (BurkiCalls,)

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"detail": "…"}``, or on 422 a list of what is wrong where."""
        match answer:
            case {"detail": str(detail)}:
                return detail
            case {"detail": [*problems]}:
                return ", ".join(_named(problem) for problem in problems)
            case _:
                return ""


def _named(problem: Any) -> str:  # noqa: ANN401 - JSON is any value
    """Name the parameter and the kind of problem; the message may quote the value."""
    match problem:
        case {"loc": [*place], "type": str(kind)}:
            return ".".join(str(part) for part in place) + f": {kind}"
        case _:
            return ""
