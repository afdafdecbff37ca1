"""Telnyx: the stream of call detail records.

Source: developers.telnyx.com/api-reference/detail-records.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.times import EPOCH, format_time
from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.telnyx.pages import parsed
from tap_voicecalls.providers.telnyx.record_types import time_field
from tap_voicecalls.providers.telnyx.sessions import LONGEST_CALL, Sessions
from tap_voicecalls.providers.telnyx.time_fields import RECORD_TYPE, ReadContextByType, TimeFields
from tap_voicecalls.streams.paging.paginators import PageNumberPaginator
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from singer_sdk import Tap

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext

_PAGE_SIZE = 50
# Fields that identify a record without an id: another id, or at least the start.
_IDS = (
    "call_leg_id",
    "telnyx_leg_id",
    "telnyx_call_control_id",
    "call_id",
    "sip_call_id",
    "call_session_id",
    "telnyx_session_id",
    "session_id",
    "started_at",
)
_NARROWING = ("record_type", "cli", "cld", "started_at")


class TelnyxDetailRecords(WindowedStream[int]):
    """Call detail records, one list for each record type, filtered by the start.

    A record appears after its call ended. So the day before the span is read too, for calls that
    were running when the last run ended, and the day after it, for sessions that continue there.
    """

    name = "telnyx_detail_records"
    path = "/detail_records"
    # The records of a call in the browser and of its telephone leg have the same id.
    primary_keys = ("account", "record_type", "id")
    replication_key = "started_at"
    reference = Reference(
        endpoint="`GET /detail_records`, each record type by itself",
        paging="page number; pages of 50",
        time_filter="`filter[`field`]` >= and <, where the field goes by the [type](#sessions): "
        "windows of 1 day, and 24 h before and after",
        order="that field, ascending",
        late_changes="made once a call ended",
    )
    identified_by = "id"
    window = LONGEST_CALL
    identity = tuple((name, *_NARROWING) for name in _IDS)
    reports_total = True
    parts_together = True
    merges_records = True

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, accounts, run)
        self._fields = TimeFields()
        self._misplaced = set[Hashable]()

    def parts(self, account: Account) -> Sequence[str]:
        """Return the record types, which are read one by one."""
        return tuple(dict.fromkeys(account.settings["record_types"]))

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the span and a day around it, where its sessions may have records."""
        span = context.span
        if span.start >= span.end:
            return
        sessions, complete_to, seen = Sessions(self.bounds), span.start, set[Hashable]()
        around = self._around(span)
        for part in self._read_spans(self._by_type(context), *around):
            complete_to = _complete_to(part.complete_to, span, around[-1].end, complete_to)
            fresh = [row for row in self._once(part.rows, seen) if _is_fresh(row, span)]
            changed = (
                sessions.add(part.rows, part.complete_to, fresh) if self._feed.normalize else None
            )
            rows = [row for row in fresh if not row.time or self.bounds.contains(row.time)]
            yield replace(part, rows=rows, complete_to=complete_to, normalized=changed)
        self._warn_of_mixed_currencies(sessions)

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the start from the time field of the type, and the id from its older name."""
        record.started_at = (
            record.started_at
            or record.start_time
            or record.joined_at
            or record.invoked_at
            or record.created_at
        )
        record.id = record.id or record.uuid

    def read_time_of(self, record: Record) -> str:
        """Return the end of the call: the record does not exist before it."""
        end = record.finished_at or record.ended_at or record.left_at or record.end_time
        return end or record.completed_at or ""

    def get_new_paginator(self) -> PageNumberPaginator:
        """Page by number, until a page is not full."""
        return PageNumberPaginator(_PAGE_SIZE)

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Request a record type in a window, oldest first."""
        field = self._fields.of(page.account.label, page.part) or time_field(page.part)
        return HTTPRequest(
            self.path,
            params={
                RECORD_TYPE: page.part,
                f"filter[{field}][gte]": format_time(page.window.start),
                f"filter[{field}][lt]": format_time(page.window.end),
                "page[number]": page.token or 1,
                "page[size]": _PAGE_SIZE,
                "sort": field,
            },
            safe_query_chars="[]",
        )

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> Page:
        """Read ``{"data": […], "meta": {…}}``; the records are of the requested type."""
        return replace(parsed(answer, _PAGE_SIZE), common={"record_type": page.part})

    def filter_to_window(self, rows: list[Row], window: Window, account: Account) -> list[Row]:  # noqa: ARG002 - all alike
        """Keep what the server returns for a window: it may filter by another time than the start.

        Rows without a time belong to their window: outside the bounds they are another run's.
        """
        self._misplaced.update(
            row.key for row in rows if row.time and not window.contains(row.time)
        )
        if self.bounds.start <= window.start < self.bounds.end:
            return rows
        return [row for row in rows if row.time]

    def _once(self, rows: Iterable[Row], seen: set[Hashable]) -> Iterator[Row]:
        """Leave out rows outside their window that came for another window already."""
        for row in rows:
            if row.key in self._misplaced:
                if row.key in seen:
                    continue
                seen.add(row.key)
            yield row

    def _around(self, span: Window) -> list[Window]:
        """Return the span and the time before and after it where its sessions may have records."""
        before = span.start - min(LONGEST_CALL, max(span.start - EPOCH, span.start - span.start))
        after = max(span.end, min(span.end + LONGEST_CALL, self.now))
        return [Window(before, span.start), span, Window(span.end, after)]

    def _by_type(self, context: ReadContext) -> ReadContextByType:
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        return ReadContextByType(**values, fields=self._fields)

    def _warn_of_mixed_currencies(self, sessions: Sessions) -> None:
        if sessions.mixed:
            self.logger.warning(
                "%d calls have costs in several currencies, which are not added up: their cost "
                "is null in `calls`; see `%s`",
                len(sessions.mixed),
                self.name,
            )


def _is_fresh(row: Row, span: Window) -> bool:
    """Return whether earlier runs may have missed a row: it starts or ends in the span."""
    start, _ = span.as_text
    return not row.time or max(row.time, row.read_time) >= start


def _complete_to(read: datetime, span: Window, last: datetime, before: datetime) -> datetime:
    """Return up to when the span is complete: to its end once the time after it is read too.

    Args:
        read: Up to when everything was read.
        span: The span.
        last: The end of the time that is read after the span.
        before: Up to when the span was complete before.
    """
    if read >= last:
        return span.end
    return max(read, before) if read < span.end else before
