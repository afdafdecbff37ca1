"""ElevenLabs: the stream of the list of conversations.

Source: the Python SDK at 54e5899, conversational_ai/conversations/raw_client.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.common.times import EPOCH
from tap_voicecalls.providers.elevenlabs.calls import STATUSES, end_of, start_of
from tap_voicecalls.providers.elevenlabs.text_chats import Place, TextChatsLast
from tap_voicecalls.streams.paging.page import Page, is_position, next_cursor
from tap_voicecalls.streams.record_stream import RecordStream
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.paged import PageContext

_SECOND = timedelta(seconds=1)


class ElevenLabsRecords(RecordStream):
    """What the records of the list and the details have in common."""

    primary_keys = ("account", "conversation_id")
    replication_key = "started_at"
    # Users are told to name their secret variables `secret__…`.
    holds_secrets = True

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the start as a timestamp."""
        record.started_at = start_of(record)

    def is_running(self, record: Record) -> bool:
        """Decide by the status: one in processing has ended, but is not final."""
        return normalize_enum(STATUSES, record.status) == "in_progress"

    def ended_at(self, record: Record) -> str:
        """Return the end of the conversation; it may be analyzed again later."""
        return end_of(record) or ""


class ElevenLabsConversations(ElevenLabsRecords, WindowedStream[Place]):
    """Conversations by their start, in whole seconds.

    Whether the ends of the filter are inclusive is not documented, so one more second is requested
    at both ends; a conversation that comes for two windows is written once.
    """

    name = "elevenlabs_conversations"
    path = "/v1/convai/conversations"
    reference = Reference(
        endpoint="`GET /v1/convai/conversations`",
        paging="opaque `cursor`, while `has_more`; pages of 100",
        time_filter="`call_start_after_unix` and `call_start_before_unix`, whole seconds of "
        "unknown inclusivity: windows of 1 day, asked for with 1 s more; what comes for two of "
        "them is written once; text chats once more with `text_only`, if sources do not tell them",
        order="newest first: sorted here",
        late_changes="status, duration, analysis",
    )
    window = timedelta(days=1)
    # One second, and up to one more from rounding the ends of the window.
    reach_before = reach_after = 2 * _SECOND
    page_size = 100  # the highest allowed `page_size`

    def get_new_paginator(self) -> TextChatsLast:
        """Follow the cursor, and list text chats again where sources do not decide."""
        return TextChatsLast()

    def get_http_request(self, *, page: PageContext[Place]) -> HTTPRequest:
        """Request a page; the filters are repeated with the cursor."""
        place = page.token or Place(is_text=False, cursor=None)
        params: dict[str, Any] = {
            # No conversation is older than the epoch, and negative times are not documented.
            "call_start_after_unix": max((page.window.start - EPOCH) // _SECOND - 1, 0),
            "call_start_before_unix": -((EPOCH - page.window.end) // _SECOND) + 1,
            "page_size": self.page_size,
            "summary_mode": "include",
        }
        if place.is_text:
            params["text_only"] = "true"
        if place.cursor is not None:
            params["cursor"] = place.cursor
        return HTTPRequest(self.path, params=params)

    def parse_page(self, answer: Answer, *, page: PageContext[Place]) -> Page:
        """Read ``{"conversations": […], "next_cursor": "…", "has_more": true}``.

        The last page may have a cursor as well.
        """
        following = next_cursor(answer.get, "next_cursor", has_more="has_more")
        items = answer.records("conversations")
        if page.token is not None and page.token.is_text:
            return Page(items, next=following, common={"text_only": True}, is_repeated=True)
        return Page(items, next=following, next_by_position=is_position(following))
