"""Ovia: calls of voice agents. Source: docs.useovia.com/api-reference/endpoint/list-call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.call import UNKNOWN, Call, identifier, in_our_words, says_words
from tap_voicecalls.phone import caller_withheld, e164
from tap_voicecalls.provider import Provider
from tap_voicecalls.reading import Slice
from tap_voicecalls.row import in_order
from tap_voicecalls.stream import CallStream
from tap_voicecalls.times import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.call import Channel, Direction, Status
    from tap_voicecalls.reading import Reading
    from tap_voicecalls.record_type import Record
    from tap_voicecalls.row import Row
    from tap_voicecalls.windows import Window

_ROUND = 50
_LISTED = "calls_listed"  # in the state, beside the bookmark

# The page of list-call names the two directions, `phone_call` and `completed`. It gives the last
# two as examples; beside them stand words that can mean but one thing.
_DIRECTIONS: Mapping[str, Direction] = {"inbound": "inbound", "outbound": "outbound"}
_CHANNELS: Mapping[str, Channel] = {"phone_call": "phone", "web_call": "web"}
_STATUSES: Mapping[str, Status] = {
    "completed": "completed",
    "ended": "completed",
    "failed": "failed",
    "busy": "busy",
    "no_answer": "no_answer",
    "canceled": "canceled",
    "cancelled": "canceled",
    "in_progress": "in_progress",
    "queued": "in_progress",
    "initiated": "in_progress",
    "ongoing": "in_progress",
    "ringing": "in_progress",
}


class OviaCalls(CallStream):
    """All calls in one array: no parameter, page, filter or order is documented."""

    name = "ovia_calls"
    path = "/api/v1/calls"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    identified_by = "id"
    # A call is made before it starts, so the one time may be there when the other is not yet.
    identity = (
        ("uuid",),
        ("call_id",),
        ("created_at", "agent_id", "phone_number_id", "from_number", "to_number"),
        ("started_at", "agent_id", "phone_number_id", "from_number", "to_number"),
    )
    by_time = False

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
        """Go by the status; a call without one, or with a new word, runs until it has an end."""
        status = in_our_words(_STATUSES, record.status)
        return status == "in_progress" or (status == UNKNOWN and record.ended_at is None)

    def complete(self, record: Record) -> None:
        """A call without `id` goes by its long id in the metadata, where there is one."""
        if not record.id and record.metadata is not None:
            record.id = record.metadata.call_id_full
        record.id = record.id or None

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


def normalise(record: Record) -> Call:
    """Tell of a call in the words of all providers.

    Agent and costs are those of the nested objects. Neither unit nor currency of the costs is
    documented, so they stay without one; telephony is no part of them.
    """
    agent, costs = record.agent, record.costs
    return Call(
        call_id=record.id,
        direction=in_our_words(_DIRECTIONS, record.direction),
        status=in_our_words(_STATUSES, record.status),
        provider_status=record.status,
        channel=in_our_words(_CHANNELS, record.type),
        from_number=e164(record.from_number),
        from_withheld=caller_withheld(record.from_number),
        to_number=e164(record.to_number),
        agent_id=identifier(record.agent_id),
        agent_name=agent and (agent.name or None),
        started_at=record.started_at,
        ended_at=record.ended_at,
        duration_seconds=record.duration,
        cost=costs and costs.total,
        cost_llm=costs and costs.llm,
        cost_tts=costs and costs.tts,
        cost_stt=costs and costs.stt,
        has_recording=bool(record.recording_url),
        has_transcript=says_words(record, "transcript", "transcript_objects"),
    )


class Ovia(Provider):
    """Ovia."""

    name = "ovia"
    title = "Ovia"
    base_url = "https://api.useovia.com"
    streams = calls_from = (OviaCalls,)
    normalise = staticmethod(normalise)

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """No error is documented; take the names that such APIs use."""
        match answer:
            case {"error": str(title)} | {"detail": str(title)} | {"message": str(title)}:
                return title
            case _:
                return ""
