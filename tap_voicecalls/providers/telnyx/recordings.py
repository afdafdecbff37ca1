"""Telnyx: the stream of call recordings.

Source: developers.telnyx.com/api-reference/call-recordings/list-all-call-recordings.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.common.times import format_time, seconds_of
from tap_voicecalls.providers.telnyx.pages import parsed
from tap_voicecalls.streams.paging.paginators import PageNumberPaginator
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.recordings.fetching import Ask
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.paging.page import Page

_PAGE_SIZE = 250  # the highest allowed `page[size]`
_CHANNELS: Mapping[str, int] = {"single": 1, "dual": 2}
_MEDIA_TYPES: Mapping[str, str] = {"mp3": "audio/mpeg", "wav": "audio/wav"}


class TelnyxRecordings(WindowedStream[int]):
    """Recordings, filtered by their creation; their links expire."""

    name = "telnyx_recordings"
    path = "/recordings"
    primary_keys = ("account", "id")
    replication_key = "created_at"
    reference = Reference(
        endpoint="`GET /recordings`",
        paging="page number; pages of 250",
        time_filter="`filter[created_at]`, both ends included: windows of 7 days; what comes for "
        "two of them is written once",
        order="not documented: sorted here",
        late_changes="links to the files",
    )
    window = timedelta(days=7)
    reports_total = True
    reach_after = timedelta(microseconds=1)

    def get_new_paginator(self) -> PageNumberPaginator:
        """Page by number, until a page is not full."""
        return PageNumberPaginator(_PAGE_SIZE)

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Request a window, both ends included."""
        return HTTPRequest(
            self.path,
            params={
                "filter[created_at][gte]": format_time(page.window.start),
                "filter[created_at][lte]": format_time(page.window.end),
                "page[number]": page.token or 1,
                "page[size]": _PAGE_SIZE,
            },
            safe_query_chars="[]",
        )

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> Page:  # noqa: ARG002
        """Read ``{"data": […], "meta": {…}}``."""
        return parsed(answer, _PAGE_SIZE)


def fresh_link(recording: Recording, ask: Ask) -> str | None:
    """Request a recording again, whose links have expired: each response has new ones."""
    path = f"{TelnyxRecordings.path}/{quote(recording.recording, safe='')}"
    match ask(HTTPRequest(path)).get("data"):
        case {"download_urls": {"mp3": str(link)}} | {"download_urls": {"wav": str(link)}}:
            return link
        case _:
            return None


def recordings(record: Record) -> list[Recording]:
    """Make a recording; that of a conference names no call and is none."""
    call_id = record.call_session_id or record.call_leg_id or record.call_control_id
    if not call_id:
        return []
    links = record.download_urls
    form = next((name for name in _MEDIA_TYPES if links and getattr(links, name)), None)
    millis = record.duration_millis
    return [
        Recording(
            call_id=call_id,
            recording=record.id,
            call_started_at=record.recording_started_at or record.created_at,
            url=getattr(links, form) if form else None,
            media_type=_MEDIA_TYPES[form] if form else None,
            duration_seconds=None if millis is None else seconds_of(millis),
            channels=_CHANNELS.get((record.channels or "").lower()),
        )
    ]
