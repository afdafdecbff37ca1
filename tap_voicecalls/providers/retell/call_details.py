"""Retell: the stream of call details, fetched one by one.

Source: Retell's Python SDK 5.60.0, phone_call_response.py and web_call_response.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tap_voicecalls.providers.retell.call_list import RetellCalls, RetellRecords
from tap_voicecalls.providers.retell.calls import normalize
from tap_voicecalls.streams.details.record_details import RecordDetails
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.calls.call import Call


class _List(RetellCalls):
    """The list in short windows: each call costs a request, and an interruption repeats a window.

    The next window is listed while the details of one are fetched.
    """

    window = timedelta(days=1)
    windows_at_once = 2


class RetellCallDetails(RetellRecords, RecordDetails):
    """Calls with what was said, fetched one by one."""

    name = "retell_call_details"
    selected_by_default = False
    reference = Reference(
        endpoint="`GET /v2/get-call/{call_id}`, for each call of the list that is new or changed",
        paging="none",
        time_filter="that of the list, windows of 1 day",
        order="start, ascending",
        late_changes="analysis, cost; signed links expire after 24 hours",
    )
    path = "/v2/get-call/{}"
    list_stream = _List
    call_of = staticmethod(normalize)

    def may_have_details(self, call: Call) -> bool:  # noqa: ARG002 - whatever its status
        """Return that nobody spoke in a call without a start."""
        return False
