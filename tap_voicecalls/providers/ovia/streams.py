"""Ovia: the stream of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import UNKNOWN, normalize_enum
from tap_voicecalls.common.times import format_time
from tap_voicecalls.providers.ovia.calls import STATUSES
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.records.raw_json import parts_of
from tap_voicecalls.rows.row_store import RowStore
from tap_voicecalls.streams.base import ProviderStream
from tap_voicecalls.streams.read_context import completed_in_chunks
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext

_AT_ONCE = 500  # calls of the array
_ROUND = 50
_LISTED = "calls_listed"  # in the state, beside the bookmark


class OviaCalls(ProviderStream):
    """All calls in one array. Parameters, paging, filters and order are not documented."""

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
    # A call is created before it starts: it may have the one time and not yet the other.
    identity = (
        ("uuid",),
        ("call_id",),
        ("created_at", "agent_id", "phone_number_id", "from_number", "to_number"),
        ("started_at", "agent_id", "phone_number_id", "from_number", "to_number"),
    )
    by_time = False

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the array, and keep the calls that the run needs."""
        calls, span = context.ask(HTTPRequest(self.path)).records("calls"), context.span
        store, identities, count = RowStore(), Identities(), 0
        for part in parts_of(calls, _AT_ONCE):
            rows = self.rows(context, part, identities=identities)
            count += len(rows)
            store.add([row for row in rows if self._is_wanted(row, span)])
        self._warn_of_cap(context, count)
        memory = {_LISTED: count}
        yield from completed_in_chunks(store.chunks(), span.start, span.end, state=memory)

    def read_time_of(self, record: Record) -> str:
        """Return the last update: calls that changed are read again."""
        return record.updated_at or ""

    def is_running(self, record: Record) -> bool:
        """Decide by the status; if it is null or unmapped, a call runs until it has an end."""
        status = normalize_enum(STATUSES, record.status)
        return status == "in_progress" or (status == UNKNOWN and record.ended_at is None)

    def fill_derived_fields(self, record: Record) -> None:
        """Fill a missing `id` with the long id in the metadata, if there is one."""
        if not record.id and record.metadata is not None:
            record.id = record.metadata.call_id_full
        record.id = record.id or None

    def ended_at(self, record: Record) -> str:
        """Return the end of the call: Ovia does not document when costs come."""
        return record.ended_at or ""

    def _warn_of_cap(self, context: ReadContext, count: int) -> None:
        """Warn of a round number of calls that stays the same: the array may be capped."""
        if count and count % _ROUND == 0 and context.state.get(_LISTED) == count:
            self.logger.warning(
                "%s lists exactly %d calls again: the list may be capped, and older calls missing; "
                "run more often, and ask the provider",
                context.where,
                count,
            )

    def _is_wanted(self, row: Row, span: Window) -> bool:
        """Keep calls that started in the span, and earlier ones that were updated in it."""
        recent = row.read_time >= format_time(span.start)
        return not row.time or (self.bounds if recent else span).contains(row.time)
