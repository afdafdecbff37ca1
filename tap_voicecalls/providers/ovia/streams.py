"""Ovia's stream. Source: docs.useovia.com/api-reference/endpoint/list-call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import UNKNOWN, normalize_enum
from tap_voicecalls.common.times import format_time
from tap_voicecalls.providers.ovia.calls import STATUSES
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.base import CallStream
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext

_ROUND = 50
_LISTED = "calls_listed"  # in the state, beside the bookmark


class OviaCalls(CallStream):
    """All calls in one array: no parameter, page, filter or order is documented."""

    name = "ovia_calls"
    path = "/api/v1/calls"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    reference = Reference(
        endpoint="`GET /api/v1/calls`",
        paging="none: one array",
        time_filter="none: cut here; calls whose `updated_at` is recent come again",
        order="not documented: sorted here",
        late_changes="`updated_at`",
    )
    identified_by = "id"
    # A call is made before it starts, so the one time may be there when the other is not yet.
    identity = (
        ("uuid",),
        ("call_id",),
        ("created_at", "agent_id", "phone_number_id", "from_number", "to_number"),
        ("started_at", "agent_id", "phone_number_id", "from_number", "to_number"),
    )
    by_time = False

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the array and pick what the run is after."""
        rows = self.rows(context, context.ask(HTTPRequest(self.path)).records("calls"))
        self._warn_of_cap(context, len(rows))
        wanted = (row for row in rows if self._is_wanted(row, context.span))
        yield CompletedWindow(in_order(wanted), context.span.end)

    def read_time_of(self, record: Record) -> str:
        """Updates tell what to read again."""
        return record.updated_at or ""

    def is_running(self, record: Record) -> bool:
        """Go by the status; a call without one, or with a new word, runs until it has an end."""
        status = normalize_enum(STATUSES, record.status)
        return status == "in_progress" or (status == UNKNOWN and record.ended_at is None)

    def fill_derived_fields(self, record: Record) -> None:
        """A call without `id` goes by its long id in the metadata, where there is one."""
        if not record.id and record.metadata is not None:
            record.id = record.metadata.call_id_full
        record.id = record.id or None

    def ended_at(self, record: Record) -> str:
        """Nothing is told of when costs come."""
        return record.ended_at or ""

    def _warn_of_cap(self, context: ReadContext, count: int) -> None:
        """Nothing tells whether the array is whole; a round number that stays is suspicious."""
        state = self.get_context_state({"account": context.account.label})
        if count and count % _ROUND == 0 and state.get(_LISTED) == count:
            self.logger.warning(
                "%s lists just %d calls again: the list may be capped, and older calls missing; "
                "run more often, and ask the provider",
                context.account.client.named(self.name),
                count,
            )
        state[_LISTED] = count

    def _is_wanted(self, row: Row, span: Window) -> bool:
        """Take what started in the span, and what started before and was updated in it."""
        recent = row.read_time >= format_time(span.start)
        return not row.time or (self.bounds if recent else span).contains(row.time)
