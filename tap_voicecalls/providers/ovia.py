"""Ovia: calls of voice agents. Source: docs.useovia.com/api-reference/endpoint/list-call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.provider import Provider
from tap_voicecalls.reading import Slice
from tap_voicecalls.row import in_order
from tap_voicecalls.stream import CallStream
from tap_voicecalls.times import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.reading import Reading
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row
    from tap_voicecalls.windows import Window

_ROUND = 50
_LISTED = "calls_listed"  # in the state, beside the bookmark
_ENDED = {"completed", "ended", "failed", "busy", "no_answer", "no-answer", "canceled", "cancelled"}


class OviaCalls(CallStream):
    """All calls in one array: no parameter, page, filter or order is documented."""

    name = "ovia_calls"
    path = "/api/v1/calls"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    identified_by = "id"

    def read(self, reading: Reading) -> Iterator[Slice]:
        """Read the array and pick what the run is after."""
        rows = self.rows(reading, reading.ask(HTTPRequest(self.path)).records("calls"))
        self._warn_of_cap(reading, len(rows))
        wanted = (row for row in rows if self._is_wanted(row, reading.span))
        yield Slice(in_order(wanted), reading.span.end)

    def place_of(self, record: Record) -> str:
        """Updates tell what to read again."""
        return record.updated_at or ""

    def is_running(self, record: Record) -> bool:
        """No words are documented: a call without an end, whose status does not say it ended."""
        return record.ended_at is None and record.status not in _ENDED

    def complete(self, record: Record) -> None:
        """A call without `id` goes by its long id in the metadata, where there is one."""
        if record.id is None and record.metadata is not None:
            record.id = record.metadata.call_id_full or None

    def ended_at(self, record: Record) -> str:
        """Nothing is told of when costs come."""
        return record.ended_at or ""

    def _warn_of_cap(self, reading: Reading, count: int) -> None:
        """Nothing tells whether the array is whole; a round number that stays is suspicious."""
        state = self.get_context_state({"account": reading.account.label})
        if count and count % _ROUND == 0 and state.get(_LISTED) == count:
            self.logger.warning(
                "%s lists just %d calls again: the list may be capped, and older calls missing; "
                "run more often, and ask the provider",
                reading.account.client.named(self.name),
                count,
            )
        state[_LISTED] = count

    def _is_wanted(self, row: Row, span: Window) -> bool:
        """Take what started in the span, and what started before and was updated in it."""
        recent = row.place >= format_time(span.start)
        return not row.time or (self.bounds if recent else span).holds(row.time)


class Ovia(Provider):
    """Ovia."""

    name = "ovia"
    title = "Ovia"
    base_url = "https://api.useovia.com"
    streams = (OviaCalls,)

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """No error is documented; take the names that such APIs use."""
        match answer:
            case {"error": str(title)} | {"detail": str(title)} | {"message": str(title)}:
                return title
            case _:
                return ""
