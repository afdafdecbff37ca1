"""Voicy: the stream of call details, fetched one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.voicy.call_list import VoicyCalls, VoicyRecords
from tap_voicecalls.providers.voicy.calls import normalize
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.streams.details.detail_stream import DetailStream
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.details.asked import Asked
    from tap_voicecalls.streams.read_context import ReadContext

_NOBODY_SPOKE = {"busy", "no_answer", "failed", "canceled"}


class _List(VoicyCalls):
    """The list in short windows: each call costs a request, and an interruption repeats a window.

    The next window is listed while the details of one are fetched.
    """

    window = timedelta(days=1)
    windows_at_once = 2


class VoicyCallDetails(VoicyRecords, DetailStream):
    """Calls with transcript, summary, recording and variables, fetched one by one."""

    name = "voicy_call_details"
    reference = Reference(
        endpoint="`GET /call-get/{call_id}`, for each call of the list that is new or changed",
        paging="none",
        time_filter="that of the list, windows of 1 day",
        order="start, ascending",
        late_changes="transcript, summary, variables; `recording_url` expires after an hour",
    )
    path = "/call-get/{call_id}"
    list_stream = _List
    call_of = staticmethod(normalize)
    details_are_calls = True

    def fetch_details(self, context: ReadContext, asked: Asked) -> list[Row]:
        """Request the details of a call."""
        path = self.path.format(call_id=quote(asked.call_id, safe=""))
        (row,) = self.rows(context, context.ask(HTTPRequest(path)).only_record())
        if row.key[-1] != asked.call_id:
            msg = "response describes another call than requested"
            raise BadAnswer(msg)
        return [row]

    def may_have_details(self, call: Call) -> bool:
        """Decide by the status: nobody spoke in a call that was not answered."""
        return call.status not in _NOBODY_SPOKE

    def row_as_listed(self, listed: Row) -> Row:
        """Return the row of the list, with the fields of the details."""
        record = dict.fromkeys(self.schema["properties"]) | decode(listed.body)
        return msgspec.structs.replace(listed, body=encode(record))
