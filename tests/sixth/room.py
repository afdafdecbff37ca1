"""A sixth provider, made up: the one room that it takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import Call, normalize_enum
from tap_voicecalls.providers.base import Provider
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.paginators import SinglePagePaginator
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from tap_voicecalls.calls.call import Status
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext

_STATUSES: dict[str, Status] = {"done": "completed", "lost": "failed"}
_TIME = {"type": ["string", "null"], "format": "date-time", "description": "Start."}


class MadeUpCalls(WindowedStream[None]):
    """Calls, all of a window in one answer."""

    name = "made_up_calls"
    path = "/calls"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    window = timedelta(days=1)
    schema: ClassVar[Any] = {
        "type": "object",
        "required": ["account", "id"],
        "properties": {
            "account": {"type": "string", "description": "Label."},
            "id": {"type": "string", "description": "Identifier."},
            "started_at": _TIME,
            "outcome": {"type": ["string", "null"], "description": "How it went."},
            "additional_fields": {"type": ["object", "null"], "description": "The rest."},
        },
    }

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


def normalize(record: Record) -> Call:
    """Tell of a call in the words of all providers."""
    return Call(
        call_id=record.id,
        status=normalize_enum(_STATUSES, record.outcome),
        provider_status=record.outcome,
        started_at=record.started_at,
    )


class MadeUp(Provider):
    """A provider that is not."""

    name = "made_up"
    title = "Made Up"
    base_url = "https://api.made-up.example"
    streams = calls_from = (MadeUpCalls,)
    normalize = staticmethod(normalize)

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"error": "…"}``."""
        match answer:
            case {"error": str(title)}:
                return title
            case _:
                return ""
