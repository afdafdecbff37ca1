"""The stream of voice records, read page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.pagination import Cursor, CursorPaginator, Link, SentPage, continuation
from tap_voicecalls.times import format_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.provider import Account
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row
    from tap_voicecalls.windows import Window

OLDER_NAMES = {"SIP": "VOICE-CALL", "TTS": "VOICE-TTS"}
"""Products by the names that they had in the API's first generation."""


class VonageVoiceReports(WindowedStream[Cursor | Link]):
    """Reports of calls that ended, one list a product. The time filter is half-open."""

    name = "vonage_voice_reports"
    path = "/v2/reports/records"
    primary_keys = ("account", "id")
    replication_key = "start_time"
    identified_by = "id"
    # The synchronous endpoint refuses more.
    window = timedelta(hours=24)

    def parts(self, account: Account) -> Sequence[str]:
        """Products are asked for one by one."""
        return account.provider.parts(account.settings)

    def get_new_paginator(self) -> CursorPaginator:
        """Follow the cursor, or the link."""
        return CursorPaginator()

    def get_http_request(self, *, page: PageContext[Cursor | Link]) -> HTTPRequest:
        """Ask for a product's calls in a window; `direction` is left out, for some refuse it."""
        if isinstance(page.token, Link):
            return HTTPRequest(page.token.href)
        settings = page.account.settings
        params = {
            "product": page.part,
            "account_id": settings.get("account_id") or settings["api_key"],
            "date_start": format_time(page.window.start),
            "date_end": format_time(page.window.end),
        }
        if page.token is not None:
            params |= {"cursor": page.token.cursor, "iv": page.token.iv}
        return HTTPRequest(self.path, params=params)

    def parse_page(self, answer: Answer, *, page: PageContext[Cursor | Link]) -> SentPage:
        """Read an answer whose `request_status` TRUNCATED means that more pages follow."""
        return SentPage(
            answer.records("records"),
            next=continuation(
                truncated=answer.get("request_status") == "TRUNCATED",
                cursor=answer.get("cursor"),
                iv=answer.get("iv"),
                href=_next_link(answer.get("_links")),
            ),
            common={"product": str(answer.get("product") or page.part)},
        )

    def complete(self, record: Record) -> None:
        """Name start and end alike for all products: most send `date_start` and `date_end`."""
        record.start_time = record.start_time or record.date_start
        record.end_time = record.end_time or record.date_end

    def of_window(self, rows: Iterable[Row], window: Window) -> Iterable[Row]:  # noqa: ARG002
        """Trust the server: its filter is documented as half-open on the start."""
        return rows


def _next_link(links: object) -> str | None:
    match links:
        case {"next": {"href": str(href)}}:
            return href
        case _:
            return None
