"""Retell: the stream of the list of calls.

Source: Retell's Python SDK 5.60.0, call_list_params.py and call_list_response.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.common.times import format_time, time_of_millis, to_millis
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.providers.retell.calls import RECORDINGS, STATUSES, end_of
from tap_voicecalls.streams.paging.page import Page, is_position, next_cursor
from tap_voicecalls.streams.paging.paginators import CursorPaginator
from tap_voicecalls.streams.record_stream import RecordStream
from tap_voicecalls.streams.reference import WITHOUT_START, Reference
from tap_voicecalls.streams.without_start import FindsCallsWithoutStart

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.without_start import Seen

# `max_call_duration_ms` of an agent is two hours at most (agent_create_params.py); the end of a
# call may be reported late.
_LONGEST_CALL = timedelta(hours=3)


def next_key(answer: Answer) -> str | None:
    """Return the key of the next page; the last page may have one as well."""
    key = next_cursor(answer.get, "pagination_key", has_more="has_more")
    return key if answer.get("has_more") is True else None


class RetellRecords(RecordStream):
    """What the records of the list and the details have in common."""

    primary_keys = ("account", "call_id")
    replication_key = "started_at"
    # The access token of a web call.
    holds_secrets = True
    signed_links = frozenset(
        {*RECORDINGS, "public_log_url", "knowledge_base_retrieved_contents_url"}
    )

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the start as a timestamp."""
        if record.start_timestamp is not None:
            record.started_at = time_of_millis(record.start_timestamp)

    def is_running(self, record: Record) -> bool:
        """Decide by the status; a call that began longer ago than any call lasts is stuck."""
        if normalize_enum(STATUSES, record.call_status) != "in_progress":
            return False
        oldest = format_time(self.now - _LONGEST_CALL)
        return record.started_at is None or bool(record.started_at >= oldest)

    def ended_at(self, record: Record) -> str:
        """Return the end of the call: its analysis and its cost come after it."""
        return end_of(record) or ""


class RetellCalls(RetellRecords, FindsCallsWithoutStart[str]):
    """Calls of the list, without what was said.

    Whether the ends of a range are inclusive is not documented, so one more millisecond is
    requested at both ends; a call that comes for two windows is written once. Calls that were never
    connected may have no start, and are listed by their status as well.
    """

    name = "retell_calls"
    path = "/v3/list-calls"
    reference = Reference(
        endpoint="`POST /v3/list-calls`",
        paging="opaque `pagination_key`, while `has_more`; pages of 1000",
        time_filter="range of `start_timestamp` of unknown inclusivity: windows of 7 days, asked "
        "for with 1 ms more; what comes for two of them is written once; beside them "
        f"{WITHOUT_START}, by the status not_connected and error",
        order="start, ascending",
        late_changes="status, duration, analysis, cost",
    )
    window = timedelta(days=7)
    reports_total = True
    # One millisecond, and up to one more from rounding the ends of the window.
    reach_before = timedelta(milliseconds=2)
    reach_after = timedelta(milliseconds=1)
    page_size = 1000  # the highest allowed `limit`
    names_next_page = mixed_by_creation = True
    may_need_filter = False
    most_pages = 100
    # The filter has no word for a call that is registered only.
    statuses = ("not_connected", "error")

    def get_new_paginator(self) -> CursorPaginator[str]:
        """Follow the key of the next page."""
        return CursorPaginator()

    def get_http_request(self, *, page: PageContext[str]) -> HTTPRequest:
        """Request a window, oldest first."""
        # No call is older than the epoch, and negative times are not documented.
        lower = max(to_millis(page.window.start) - 1, 0)
        upper = to_millis(page.window.end) + 1
        started = {"type": "range", "op": "bt", "value": [lower, upper]}
        # One total of a list is enough: the server counts for each.
        return self._request(
            "ascending", page.token, {"start_timestamp": started}, with_total=page.token is None
        )

    def get_unfiltered_request(self, seen: Seen, *, from_end: bool) -> HTTPRequest:
        """Request calls of any time that may have no start, in either order."""
        status = {"type": "enum", "op": "in", "value": list(seen.statuses)}
        key = None if seen.next is None else str(seen.next)
        order = "descending" if from_end else "ascending"
        return self._request(order, key, {"call_status": status})

    def parse_page(self, answer: Answer, *, page: PageContext[str]) -> Page:  # noqa: ARG002
        """Read ``{"items": […], "has_more": true, "pagination_key": "…", "total": n}``."""
        total = whole_number(answer.get("total"))
        items = answer.records("items", count=total)
        key = next_key(answer)
        return Page(items, total=total, next=key, next_by_position=is_position(key))

    def _request(
        self, order: str, key: str | None, criteria: dict[str, Any], *, with_total: bool = False
    ) -> HTTPRequest:
        body: dict[str, Any] = {
            "filter_criteria": criteria,
            "sort_order": order,
            "limit": self.page_size,
        }
        if with_total:
            body["include_total"] = True
        if key is not None:
            body["pagination_key"] = key
        return HTTPRequest(self.path, method="POST", data=body)
