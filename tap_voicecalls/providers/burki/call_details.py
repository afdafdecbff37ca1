"""Burki: the streams of what a call has beside its record, each one request a call."""

from __future__ import annotations

import abc
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.burki.calls import normalize
from tap_voicecalls.providers.burki.costs import lines
from tap_voicecalls.providers.burki.streams import BurkiCalls
from tap_voicecalls.streams.details.detail_stream import DetailStream
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.calls.normalized import Normalized
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.raw_json import RawJson
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.details.asked import Asked
    from tap_voicecalls.streams.read_context import ReadContext


class _List(BurkiCalls):
    """The list in short windows: each call costs a request, and an interruption repeats a window.

    The next window is listed while the details of one are fetched.
    """

    window = timedelta(days=1)
    windows_at_once = 2


class _OfCall(msgspec.Struct):
    """The call that a record belongs to."""

    call_id: int | None = None


_call_of = msgspec.json.Decoder(_OfCall).decode


def _reference(path: str) -> Reference:
    return Reference(
        endpoint=f"`GET {path}`, for each call of the list that is new or changed",
        paging="none",
        time_filter="that of the list, windows of 1 day",
        order="start of the call, ascending",
        late_changes="for an hour after the call",
    )


class BurkiDetails(DetailStream, abc.ABC):
    """What a call has beside its record; the response is an array."""

    primary_keys: ClassVar = ("account", "id")
    replication_key = "call_started_at"
    selected_by_default = False
    list_stream = _List
    call_of = staticmethod(normalize)

    def fetch_details(self, context: ReadContext, asked: Asked) -> list[Row]:
        """Request the records of a call."""
        answer = context.ask(HTTPRequest(self.path.format(call_id=asked.call_id)))
        common = {"call_id": int(asked.call_id), "call_started_at": asked.started_at}
        rows = self.rows(context, self.records_in(answer), common)
        if any(_call_of(row.body).call_id != common["call_id"] for row in rows):
            msg = "response describes another call than requested"
            raise BadAnswer(msg)
        return rows

    def records_in(self, answer: Answer) -> RawJson:
        """Find the array of records in a response; SDKs accept an object with `items` as well."""
        return answer.records("items")


class BurkiTranscripts(BurkiDetails):
    """What was said, utterance by utterance."""

    name = "burki_transcripts"
    path = "/api/v1/calls/{call_id}/transcripts"
    reference = _reference(path)


class BurkiMessages(BurkiDetails):
    """What the language model was given and wrote; the first message is the system prompt."""

    name = "burki_messages"
    path = "/api/v1/calls/{call_id}/messages"
    reference = _reference(path)


class BurkiRecordings(BurkiDetails):
    """The recordings of a call."""

    name = "burki_recordings"
    path = "/api/v1/calls/{call_id}/recordings"
    reference = _reference(path)


class BurkiMetrics(BurkiDetails):
    """Measures that Burki computes from the transcript, on the first request."""

    name = "burki_metrics"
    primary_keys: ClassVar = ("account", "call_id")
    path = "/api/v1/calls/{call_id}/metrics"
    reference = _reference(path)

    def records_in(self, answer: Answer) -> RawJson:
        """Return the response, one object, which names neither itself nor the call."""
        return answer.only_record()


class BurkiCostEntries(BurkiDetails):
    """What a call cost, by service, vendor and model."""

    name = "burki_cost_entries"
    path = "/api/calls/{call_id}/costs"
    reference = _reference(path)

    def records_in(self, answer: Answer) -> RawJson:
        """Read ``{"call_summary": {…}, "detailed_entries": […]}``."""
        return answer.records("detailed_entries")

    def fill_from_list(self, whole: Normalized, listed: Normalized) -> None:
        """Add what the components of the call's cost have beyond the entries."""
        if listed.call is not None:
            whole.costs = lines(listed.call, whole.costs)
