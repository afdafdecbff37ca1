"""Voicy: calls of voice agents. Source: docs.voicy.co, API reference of call-list and call-get."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.answers import whole_number
from tap_voicecalls.call import Call, currency_code, identifier, in_our_words
from tap_voicecalls.errors import ApiError
from tap_voicecalls.pagination import LastIdPaginator, SentPage
from tap_voicecalls.phone import e164
from tap_voicecalls.provider import Provider
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.reading import Slice
from tap_voicecalls.row import in_order
from tap_voicecalls.shown import shown
from tap_voicecalls.times import format_time, from_millis, seconds_of, to_millis
from tap_voicecalls.windowed_stream import PageContext, WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.call import Channel, Direction, Status
    from tap_voicecalls.reading import Reading
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row

_PAGE_SIZE = 1000

# models/call: directions are those of the agent; the API's first form has the last two words.
_DIRECTIONS: Mapping[str, Direction] = {
    "incoming": "inbound",
    "outgoing": "outbound",
    "inbound": "inbound",
    "outbound": "outbound",
}
# models/call: two types.
_CHANNELS: Mapping[str, Channel] = {"phone_call": "phone", "web_call": "web"}
# models/call: three words of running calls, four of completed and four of failed ones; the API's
# first form has the last two.
_STATUSES: Mapping[str, Status] = {
    "initiated": "in_progress",
    "ringing": "in_progress",
    "ongoing": "in_progress",
    "user_hangup": "completed",
    "agent_hangup": "completed",
    "inactivity": "completed",
    "error_inactivity": "completed",
    "busy": "busy",
    "no_answer": "no_answer",
    "error": "failed",
    "canceled": "canceled",
    "in_progress": "in_progress",
    "ended": "completed",
}
_RUNNING = {word for word, status in _STATUSES.items() if status == "in_progress"}


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
    tells_total = True

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
        """Some words mean that a call has not ended."""
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
    # So that the next list is there when the calls of one are all asked for.
    windows_at_once = 2

    def read(self, reading: Reading) -> Iterator[Slice]:
        """List windows, and fetch their calls, several at once and on into the next window."""
        rows: list[Row] = []
        fetch = partial(self._fetch_listed, reading)
        for found in read_ahead(fetch, self._listed(reading), self.requests_at_once):
            if isinstance(found, Slice):
                yield Slice(in_order(rows), found.complete_to)
                rows = []
            elif found:
                rows.append(found)

    def _listed(self, reading: Reading) -> Iterator[str | Slice]:
        """Yield the ids of a window's calls, and then its end; window after window."""
        for listed in super().read(reading):
            yield from (str(row.key[-1]) for row in listed.rows)
            yield Slice([], listed.complete_to)

    def _fetch_listed(self, reading: Reading, listed: str | Slice) -> Row | Slice | None:
        return self._fetch_call(reading, listed) if isinstance(listed, str) else listed

    def _fetch_call(self, reading: Reading, call_id: str) -> Row | None:
        path = self.path.format(call_id=quote(call_id, safe=""))
        try:
            sent = reading.ask(HTTPRequest(path)).only_record()
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self.logger.warning("call %s was listed, but is gone: no details of it", shown(call_id))
            return None
        (row,) = self.rows(reading, sent)
        return row


def normalise(record: Record) -> Call:
    """Tell of a call, as the list or as its details have it, in the words of all providers.

    The end is the start and the length, which is null until then. The list does not tell whether
    there is a recording or a transcript. The cost is one sum, and sent by the API's first form.
    """
    agent, cost, duration = record.agent, record.call_cost, record.duration_ms
    return Call(
        call_id=record.call_id,
        direction=in_our_words(_DIRECTIONS, record.direction),
        status=in_our_words(_STATUSES, record.call_status),
        provider_status=record.call_status,
        channel=in_our_words(_CHANNELS, record.call_type),
        from_number=e164(record.from_number),
        to_number=e164(record.to_number),
        agent_id=agent and identifier(agent.id),
        agent_name=agent and (agent.name or None),
        started_at=record.started_at,
        ended_at=_end_of(record.start_timestamp, duration),
        duration_seconds=None if duration is None else seconds_of(duration),
        cost=cost and cost.combined_cost,
        currency=cost and currency_code(cost.currency),
        has_recording=_has(record, "recording_url"),
        has_transcript=_has(record, "transcript"),
    )


def _end_of(start: int | None, duration: int | None) -> str | None:
    return None if start is None or duration is None else _time_of(start + duration)


def _has(record: Record, name: str) -> bool | None:
    """Tell whether a field of the details holds anything; the list has no such field."""
    return bool(getattr(record, name)) if hasattr(record, name) else None


class Voicy(Provider):
    """Voicy."""

    name = "voicy"
    title = "Voicy"
    base_url = "https://api.voicy.co/functions/v1"
    requests_per_second = 1
    streams = (VoicyCalls, VoicyCallDetails)
    calls_from = (VoicyCallDetails, VoicyCalls)
    normalise = staticmethod(normalise)

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
