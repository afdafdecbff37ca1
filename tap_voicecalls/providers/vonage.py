"""Vonage: reports of voice usage. Source: developer.vonage.com, Reports API v2, and its guides."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.auth import HTTPBasicAuth
from tap_voicecalls.pagination import Cursor, CursorPaginator, Link, SentPage, continuation
from tap_voicecalls.provider import Provider
from tap_voicecalls.times import format_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.provider import Account
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row
    from tap_voicecalls.windows import Window

_PRODUCTS = (
    "VOICE-CALL",
    "VOICE-FAILED",
    "VOICE-TTS",
    "IN-APP-VOICE",
    "WEBSOCKET-CALL",
    "ASR",
    "AMD",
)
_OLDER_NAMES = {"SIP": "VOICE-CALL", "TTS": "VOICE-TTS"}


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
        products = (_OLDER_NAMES.get(name, name) for name in account.settings["products"])
        return tuple(dict.fromkeys(products))

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


class Vonage(Provider):
    """Vonage Reports."""

    name = "vonage"
    title = "Vonage Reports"
    base_url = "https://api.nexmo.com"
    secrets = ("api_key", "api_secret")
    requests_per_second = 10
    streams = (VonageVoiceReports,)
    settings = (
        th.Property(
            "account_id",
            th.StringType(min_length=1),
            description="Whose reports to read: the API key itself, which is the default, or that "
            "of a subaccount.",
        ),
        th.Property(
            "products",
            th.ArrayType(th.StringType(allowed_values=[*_PRODUCTS, *_OLDER_NAMES])),
            default=["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"],
            description="The products whose calls to read: "
            + ", ".join(_PRODUCTS)
            + ". SIP and TTS are older names of VOICE-CALL and VOICE-TTS.",
        ),
        th.Property(
            "mode",
            th.StringType(allowed_values=["auto", "sync"]),
            default="auto",
            description="Which endpoint to read: `sync` reads page by page; `auto` chooses, which "
            "is `sync` for now.",
        ),
    )

    @classmethod
    def auth(cls, settings: Mapping[str, Any]) -> HTTPBasicAuth:
        """Basic with the API key and secret."""
        return HTTPBasicAuth(settings["api_key"].encode(), settings["api_secret"].encode())

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """RFC 7807: the title, and on 422 the names of the parameters."""
        match answer:
            case {"title": str(title), "invalid_parameters": [*parameters]}:
                names = (item.get("name") for item in parameters if isinstance(item, dict))
                return f"{title}: {', '.join(str(name) for name in names)}"
            case {"title": str(title)}:
                return title
            case _:
                return ""


def _next_link(links: object) -> str | None:
    match links:
        case {"next": {"href": str(href)}}:
            return href
        case _:
            return None
