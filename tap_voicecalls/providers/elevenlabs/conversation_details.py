"""ElevenLabs: the stream of conversations with what was said and what they cost, one by one.

Source: the Python SDK at 54e5899, types/get_conversation_response_model.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from tap_voicecalls.calls.call import UNKNOWN
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.providers.elevenlabs.calls import is_final, normalize
from tap_voicecalls.providers.elevenlabs.conversations import (
    ElevenLabsConversations,
    ElevenLabsRecords,
)
from tap_voicecalls.providers.elevenlabs.text_chats import TextChatsLast
from tap_voicecalls.streams.details.record_details import RecordDetails
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from tap_voicecalls.calls.normalized import Normalized
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.details.asked import Asked


class _List(ElevenLabsConversations):
    """The list; the next window is read while the details of one are fetched."""

    windows_at_once = 2

    def get_new_paginator(self) -> TextChatsLast:
        """Follow the cursor only: the details say which conversations are text chats."""
        return TextChatsLast(lists_chats=False)


class _Listed(msgspec.Struct):
    """The fields of a listed conversation that say whether it is final.

    With `use_singer_decimal` the length is written as text.
    """

    status: str | None = None
    started_at: str | None = None
    call_duration_secs: float | str | None = None


class _Metadata(msgspec.Struct):
    """What details tell last."""

    call_duration_secs: Any = None
    cost_fiat: Any = None

    @property
    def is_whole(self) -> bool:
        """Whether both are there."""
        return self.call_duration_secs is not None and self.cost_fiat is not None


class _Details(msgspec.Struct):
    """The fields of details that say whether they are final."""

    status: str | None = None
    metadata: _Metadata | None = None


_listed = msgspec.json.Decoder(_Listed).decode
_details = msgspec.json.Decoder(_Details).decode
# What the list tells and the details may lack.
_FROM_LIST = ("agent_name", "language", "provider_end_reason", "successful", "summary")
_ONCE_FINAL = ("ended_at", "duration_seconds")
_VOCABULARIES = ("direction", "channel", "end_reason", "ended_by", "sentiment")


class ElevenLabsConversationDetails(ElevenLabsRecords, RecordDetails):
    """Conversations with what was said, their cost and their telephone call, fetched one by one.

    The cost is documented to come with the final status, and older conversations have none. The
    list does not show when it comes, so conversations without it are requested again for a day.

    Attributes:
        completed_within: How long after the end of a conversation its cost is waited for.
    """

    completed_within: ClassVar = timedelta(hours=24)
    name = "elevenlabs_conversation_details"
    selected_by_default = False
    noun = "conversation"
    reference = Reference(
        endpoint="`GET /v1/convai/conversations/{conversation_id}`, for each conversation of the "
        "list that is new or changed",
        paging="none",
        time_filter="that of the list, windows of 1 day",
        order="start, ascending",
        late_changes="transcript, analysis and cost, until the status is done or failed; a missing "
        "cost is requested again for 24 hours",
    )
    path = "/v1/convai/conversations/{}"
    list_stream = _List
    call_of = staticmethod(normalize)

    def row_as_listed(self, listed: Row) -> Row | None:  # noqa: ARG002 - it has other fields
        """Return None: the records of the list have other fields."""
        return None

    def fill_from_list(self, whole: Normalized, listed: Normalized) -> None:
        """Add what only the list tells."""
        call, other = whole.call, listed.call
        if call is None or other is None:
            return
        is_over = call.status != "in_progress"
        for name in (*_FROM_LIST, *(_ONCE_FINAL if is_over else ())):
            if getattr(call, name) is None:
                setattr(call, name, getattr(other, name))
        for name in _VOCABULARIES:
            if getattr(call, name) == UNKNOWN:
                setattr(call, name, getattr(other, name))

    def is_settled(self, asked: Asked) -> bool:
        """Return whether the details are final; text chats, which are no calls, as well."""
        if asked.listed is None:
            return False
        record = _listed(asked.listed.body)
        details = [_details(row.body) for row in asked.rows or ()]
        # The details may be behind the list.
        words = {record.status, *(one.status for one in details)}
        if not (record.started_at and all(map(is_final, words))):
            return False
        try:
            end = parse_time(record.started_at) + timedelta(
                seconds=float(record.call_duration_secs or 0)
            )
            is_whole = all(one.metadata and one.metadata.is_whole for one in details)
            return end + (self.settles_after if is_whole else self.completed_within) <= self.now
        except OverflowError:  # no call is that long: it is asked for again
            return False
