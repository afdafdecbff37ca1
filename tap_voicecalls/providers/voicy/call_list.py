"""Voicy: the stream of the list of calls."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.common.times import time_of_millis, to_millis
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.providers.voicy.calls import STATUSES, end_of
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.paginators import LastIdPaginator
from tap_voicecalls.streams.record_stream import RecordStream
from tap_voicecalls.streams.reference import WITHOUT_START, Reference
from tap_voicecalls.streams.without_start import FindsCallsWithoutStart

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.without_start import Seen


class VoicyRecords(RecordStream):
    """What the records of the list and the details have in common."""

    primary_keys = ("account", "call_id")
    replication_key = "started_at"
    moved: ClassVar[dict[str, str]] = {"account": "voicy_account"}

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the start as a timestamp."""
        if record.start_timestamp is not None:
            record.started_at = time_of_millis(record.start_timestamp)

    def is_running(self, record: Record) -> bool:
        """Decide by the status: three of them mean that a call has not ended."""
        return normalize_enum(STATUSES, record.call_status) == "in_progress"

    def ended_at(self, record: Record) -> str:
        """Return the end of the call: costs, transcript and summary come after it."""
        return end_of(record) or ""


class VoicyCalls(VoicyRecords, FindsCallsWithoutStart[str]):
    """Calls of the list, without transcript, summary, recording and variables.

    Whether the thresholds are inclusive is not documented, so one more millisecond is requested at
    both ends; a call that comes for two windows is written once. No window has the calls without a
    start.
    """

    name = "voicy_calls"
    path = "/call-list"
    reference = Reference(
        endpoint="`POST /call-list`",
        paging="last `call_id`, until a page is empty; pages of 1000",
        time_filter="thresholds of unknown inclusivity: windows of 7 days, asked for with 1 ms "
        "more; what comes for two of them is written once; beside them "
        f"{WITHOUT_START}",
        order="start, ascending",
        late_changes="status, duration",
    )
    window = timedelta(days=7)
    reports_total = True
    # One millisecond, and up to one more from rounding the ends of the window.
    reach_before = timedelta(milliseconds=2)
    reach_after = timedelta(milliseconds=1)
    page_size = 1000  # the highest allowed `limit`

    def get_new_paginator(self) -> LastIdPaginator:
        """Page by the id of the last call."""
        return LastIdPaginator(lambda row: row.key[-1])

    def get_http_request(self, *, page: PageContext[str]) -> HTTPRequest:
        """Request a window, oldest first."""
        thresholds = {
            # No call is older than the epoch, and negative times are not documented.
            "lower_threshold": max(to_millis(page.window.start) - 1, 0),
            "upper_threshold": to_millis(page.window.end) + 1,
        }
        criteria = {"filter_criteria": {"start_timestamp": thresholds}}
        return self._request("ascending", page.token, **criteria)

    def get_unfiltered_request(self, seen: Seen, *, from_end: bool) -> HTTPRequest:
        """Request calls of any time, in either order."""
        last = None if seen.last is None else str(seen.last.key[-1])
        return self._request("descending" if from_end else "ascending", last)

    def parse_page(self, answer: Answer, *, page: PageContext[str]) -> Page:  # noqa: ARG002
        """Read ``{"calls": […], "total_count": n}``, or the bare array of the API's first form."""
        total = whole_number(answer.get("total_count"))
        return Page(answer.records("calls", count=total), total=total)

    def _request(self, order: str, last_id: str | None, **more: Any) -> HTTPRequest:  # noqa: ANN401 - JSON is any value
        body = {**more, "sort_order": order, "limit": self.page_size}
        if last_id is not None:
            body["pagination_key"] = last_id
        return HTTPRequest(self.path, method="POST", data=body)
