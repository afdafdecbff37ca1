"""Voicy: the stream of call details, fetched one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tap_voicecalls.providers.voicy.call_list import VoicyCalls, VoicyRecords
from tap_voicecalls.providers.voicy.calls import normalize
from tap_voicecalls.streams.details.record_details import RecordDetails
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.calls.call import Call

_NOBODY_SPOKE = {"busy", "no_answer", "failed", "canceled"}


class _List(VoicyCalls):
    """The list in short windows: each call costs a request, and an interruption repeats a window.

    The next window is listed while the details of one are fetched.
    """

    window = timedelta(days=1)
    windows_at_once = 2


class VoicyCallDetails(VoicyRecords, RecordDetails):
    """Calls with transcript, summary, recording and variables, fetched one by one."""

    name = "voicy_call_details"
    reference = Reference(
        endpoint="`GET /call-get/{call_id}`, for each call of the list that is new or changed",
        paging="none",
        time_filter="that of the list, windows of 1 day",
        order="start, ascending",
        late_changes="transcript, summary, variables; `recording_url` expires after an hour",
    )
    path = "/call-get/{}"
    list_stream = _List
    call_of = staticmethod(normalize)

    def may_have_details(self, call: Call) -> bool:
        """Decide by the status: nobody spoke in a call that was not answered."""
        return call.status not in _NOBODY_SPOKE
