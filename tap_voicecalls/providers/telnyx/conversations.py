"""Telnyx: the stream of AI conversations: calls with an AI assistant, and text chats.

Source: developers.telnyx.com/api-reference/conversations/list-conversations.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.paginators import TimeCursorPaginator
from tap_voicecalls.streams.reference import Reference
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.identity import Identities
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paged import PageContext
    from tap_voicecalls.streams.read_context import ReadContext

_PAGE_SIZE = 250  # no highest `limit` is documented
# docs/inference/ai-assistants/conversation-keying: channels without a call.
_TEXT_CHANNELS = {"sms_chat", "sms", "whatsapp", "web_chat"}
# Metadata that names the call, the best first: `calls.call_id` is the session.
_CALL_IDS = ("call_session_id", "telnyx_session_id", "call_leg_id", "call_control_id")


class TelnyxAiConversations(WindowedStream["datetime"]):
    """Conversations by the time of their latest message: one with a new message comes again.

    The filter has no upper end, so a page may reach beyond its window.
    """

    name = "telnyx_ai_conversations"
    path = "/ai/conversations"
    primary_keys = ("account", "id")
    replication_key = "last_message_at"
    reference = Reference(
        endpoint="`GET /ai/conversations`",
        paging="`last_message_at` of the last one, inclusive; pages of 250",
        time_filter="`last_message_at` >= t: windows of 7 days, cut off here",
        order="latest message, ascending",
        late_changes="new messages move a conversation to a later time",
    )
    window = timedelta(days=7)

    def get_new_paginator(self) -> TimeCursorPaginator:
        """Page by the time of the last conversation."""
        return TimeCursorPaginator(_time_of, _PAGE_SIZE, timedelta(0))

    def get_http_request(self, *, page: PageContext[datetime]) -> HTTPRequest:
        """Request conversations from a time on, oldest first."""
        start = format_time(page.token or page.window.start)
        parameters = {"last_message_at": f"gte.{start}", "order": "last_message_at.asc"}
        return HTTPRequest(self.path, params={**parameters, "limit": _PAGE_SIZE})

    def parse_page(self, answer: Answer, *, page: PageContext[datetime]) -> Page:  # noqa: ARG002
        """Read ``{"data": […]}``."""
        return Page(answer.records("data"))

    def fetch_page(
        self,
        context: ReadContext,
        request: HTTPRequest,
        page: PageContext[datetime],
        identities: Identities | None = None,
    ) -> Page:
        """Return the rows of a page that lie in the window."""
        whole = super().fetch_page(context, request, page, identities)
        _require_order(whole.items)
        _, end = page.window.as_text
        rows = [row for row in whole.items if row.time < end]
        return replace(whole, items=rows, is_last=len(rows) < len(whole.items))

    def fill_derived_fields(self, record: Record) -> None:
        """Name the call, if the conversation is one."""
        record.call_id = _call_of(record)


def single_request(conversation: str) -> HTTPRequest:
    """Return the request for one conversation."""
    path = TelnyxAiConversations.path
    return HTTPRequest(path, params={"id": f"eq.{conversation}", "limit": 1})


def _call_of(record: Record) -> str | None:
    """Return the call of a conversation; None for a text chat."""
    told = record.metadata
    channel = told and told.telnyx_conversation_channel
    if not told or channel in _TEXT_CHANNELS:
        return None
    named = next((found for name in _CALL_IDS if (found := getattr(told, name))), None)
    return named or (record.id if channel and channel.endswith("_call") else None)


def _time_of(row: Row) -> datetime | None:
    return parse_time(row.time) if row.time else None


def _require_order(rows: list[Row]) -> None:
    """Refuse a page in another order: paging by time would leave out conversations."""
    if any(one.time > two.time for one, two in pairwise(rows)):
        msg = "the server ignored `order`: a page of conversations is not sorted by its latest time"
        raise BadAnswer(msg)
