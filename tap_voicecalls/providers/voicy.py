"""Voicy: calls of voice agents. Source: docs.voicy.co, API reference of call-list and call-get."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.answers import whole_number
from tap_voicecalls.errors import ApiError
from tap_voicecalls.pagination import LastIdPaginator, SentPage
from tap_voicecalls.provider import Provider
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.row import in_order
from tap_voicecalls.times import format_time, from_millis, to_millis
from tap_voicecalls.windowed_stream import PageContext, WindowedStream

if TYPE_CHECKING:
    from tap_voicecalls.answers import Answer
    from tap_voicecalls.reading import Reading
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row
    from tap_voicecalls.windows import Window

_PAGE_SIZE = 1000
_RUNNING = {"initiated", "ringing", "ongoing"}


class VoicyCalls(WindowedStream[str]):
    """Calls as the list has them, without what was said.

    Whether the thresholds take in their own millisecond is not documented, so one more is asked
    for at both ends, and what lies outside the window is left out here.
    """

    name = "voicy_calls"
    path = "/call-list"
    primary_keys = ("account", "call_id")
    replication_key = "started_at"
    moved: ClassVar[dict[str, str]] = {"account": "voicy_account"}
    window = timedelta(days=7)

    def get_new_paginator(self) -> LastIdPaginator:
        """Name the last call to get those after it."""
        return LastIdPaginator(lambda row: row.key[-1])

    def get_http_request(self, *, page: PageContext[str]) -> HTTPRequest:
        """Ask for a window, oldest first."""
        body: dict[str, Any] = {
            "filter_criteria": {
                "start_timestamp": {
                    "lower_threshold": to_millis(page.window.start) - 1,
                    "upper_threshold": to_millis(page.window.end) + 1,
                }
            },
            "sort_order": "ascending",
            "limit": _PAGE_SIZE,
        }
        if page.token is not None:
            body["pagination_key"] = page.token
        return HTTPRequest(VoicyCalls.path, method="POST", data=body)

    def parse_page(self, answer: Answer, *, page: PageContext[str]) -> SentPage:  # noqa: ARG002
        """Read ``{"calls": […], "total_count": n}``, or the bare array of the API's first form."""
        return SentPage(answer.records("calls"), total=whole_number(answer.get("total_count")))

    def complete(self, record: Record) -> None:
        """Write the start as a time."""
        if record.start_timestamp is not None:
            record.started_at = _time_of(record.start_timestamp)

    def is_running(self, record: Record) -> bool:
        """Three words mean that a call has not ended."""
        return record.call_status in _RUNNING

    def ended_at(self, record: Record) -> str:
        """Costs, transcript and summary come once a call ended."""
        start, duration = record.start_timestamp, record.duration_ms
        return (start and duration and _time_of(start + duration)) or ""


class VoicyCallDetails(VoicyCalls):
    """Calls with transcript, summary, recording and variables, fetched one by one."""

    name = "voicy_call_details"
    path = "/call-get/{call_id}"
    # Each call costs a request, so a shorter window: less to do again after an interruption.
    window = timedelta(days=1)
    # The next one is begun while the last calls of one are still to come.
    windows_at_once = 2

    def fetch_window(self, reading: Reading, window: Window) -> list[Row]:
        """List a window, then fetch its calls, several at once."""
        listed = super().fetch_window(reading, window)
        found = read_ahead(
            partial(self._fetch_call, reading),
            [row.key[-1] for row in listed],
            self.config["concurrency"],
        )
        return in_order(row for row in found if row)

    def _fetch_call(self, reading: Reading, call_id: str) -> Row | None:
        path = self.path.format(call_id=quote(call_id, safe=""))
        try:
            sent = reading.ask(HTTPRequest(path)).only_record()
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.logger.warning("call %s was listed, but is gone: no details of it", call_id)
            return None
        (row,) = self.rows(reading, sent)
        return row


class Voicy(Provider):
    """Voicy."""

    name = "voicy"
    title = "Voicy"
    base_url = "https://api.voicy.co/functions/v1"
    requests_per_second = 1
    streams = (VoicyCalls, VoicyCallDetails)

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"error": "…"}`` or ``{"status": "error", "message": "…"}``."""
        match answer:
            case {"error": str(title)} | {"message": str(title)}:
                return title
            case _:
                return ""


def _time_of(millis: int) -> str | None:
    try:
        return format_time(from_millis(millis))
    except ValueError:
        return None
