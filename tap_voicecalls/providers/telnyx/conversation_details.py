"""Telnyx: what was said in an AI conversation, and its insights; each one request or more.

Source: developers.telnyx.com/api-reference/conversations.
"""

from __future__ import annotations

import abc
from datetime import timedelta
from http import HTTPStatus
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import msgspec
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.common.times import normal_time, parse_time
from tap_voicecalls.providers.telnyx.conversations import TelnyxAiConversations, single_request
from tap_voicecalls.providers.telnyx.pages import parsed
from tap_voicecalls.records.raw_json import RawJson, decode
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.streams.details.detail_stream import DetailStream
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages
from tap_voicecalls.streams.paging.paginators import PageNumberPaginator
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.details.asked import Asked
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import ReadContext

_PAGE_SIZE = 100  # the highest allowed `page[size]`
_MOST_READINGS = 3
_MOST_RECORDS = 100_000  # of a conversation
_UNFINISHED = {"pending", "in_progress"}


class _List(TelnyxAiConversations):
    """The list in short windows: each conversation costs a request."""

    window = timedelta(days=1)
    windows_at_once = 2


class _Conversation(msgspec.Struct):
    """The fields of a conversation that its details repeat."""

    call_id: str | None = None
    created_at: str | None = None
    last_message_at: str | None = None


class _Insight(msgspec.Struct):
    status: str | None = None


_conversation = msgspec.json.Decoder(_Conversation).decode
_insight = msgspec.json.Decoder(_Insight).decode


def _reference(path: str, late_changes: str) -> Reference:
    return Reference(
        endpoint=f"`GET {path}`, for each conversation that is new or has new messages",
        paging="page number; pages of 100",
        time_filter="that of the list, windows of 1 day",
        order="latest message of the conversation, ascending",
        late_changes=late_changes,
    )


class ConversationDetails(DetailStream, abc.ABC):
    """What a conversation has beside its record.

    Attributes:
        page_size: The requested size of a page; None if no such parameter is documented.
    """

    replication_key = "last_message_at"
    selected_by_default = False
    list_stream = _List
    noun = "conversation"
    page_size: ClassVar[int | None] = _PAGE_SIZE

    @staticmethod
    def call_of(record: Record) -> None:
        """Make no calls: detail records do."""

    def fetch_details(self, context: ReadContext, asked: Asked) -> list[Row]:
        """Request all pages of a conversation."""
        listed = asked.listed or self._conversation(context, asked.call_id)
        conversation = _conversation(listed.body)
        common = {
            "conversation_id": asked.call_id,
            "call_id": conversation.call_id,
            "conversation_created_at": conversation.created_at,
            "last_message_at": conversation.last_message_at,
        }
        found = self.arranged(self._all(context, asked.call_id))
        return self.rows(context, RawJson(encode(found)), common)

    def arranged(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the records as they become rows; as sent by default."""
        return records

    def is_settled(self, asked: Asked) -> bool:
        """Decide by the latest message: another one shows in the list."""
        latest = asked.started_at
        return latest is not None and parse_time(latest) + self.settles_after <= self.now

    def _conversation(self, context: ReadContext, conversation: str) -> Row:
        """Request a conversation that this run did not list."""
        answer = context.ask(single_request(conversation))
        listed = self._list.rows(self._list_context(context), answer.records("data"))
        if len(listed) != 1:
            msg = "the conversation no longer exists"
            raise ApiError(msg, status=HTTPStatus.NOT_FOUND)
        return listed[0]

    def _all(self, context: ReadContext, conversation: str) -> list[dict[str, Any]]:
        """Read all pages, again if the conversation grows meanwhile: pages shift then."""
        path = self.path.format(conversation_id=quote(conversation, safe=""))
        for _ in range(_MOST_READINGS):
            totals = set[int]()
            found: list[dict[str, Any]] = []
            for page in self._pages(context, path):
                found += _objects(page.items)
                _refuse_endless_list(len(found))
                totals |= set() if page.total is None else {page.total}
            if len(totals) <= 1 and len(found) >= max(totals, default=0):
                return found
        msg = (
            f"the server reports {max(totals)} records of a conversation but returned "
            f"{len(found)}, or their number changes meanwhile"
        )
        raise BadAnswer(msg)

    def _pages(self, context: ReadContext, path: str) -> Iterator[Page]:
        def fetch(number: int | None) -> Page:
            paging: dict[str, Any] = {}
            if self.page_size or number != 1:
                paging["page[number]"] = number or 1
            if self.page_size:
                paging["page[size]"] = self.page_size
            request = HTTPRequest(path, params=paging, safe_query_chars="[]")
            page = parsed(context.ask(request), self.page_size or 1)
            return page.with_rows(decode(bytes(page.items)))

        return iterate_pages(PageNumberPaginator(_PAGE_SIZE), fetch, lambda _: map(fetch, _))


class TelnyxAiMessages(ConversationDetails):
    """What was said, message by message, calls of tools and their results among it.

    A message has no id. Its position is its number in the order of time, which is the same however
    the server sorts, and stays when further messages come.
    """

    name = "telnyx_ai_messages"
    primary_keys = ("account", "conversation_id", "position")
    path = "/ai/conversations/{conversation_id}/messages"
    reference = _reference(path, "new messages")

    def arranged(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sort the messages by time and number them; those of one time stay in their order."""
        timed = [(_time_of(record), record) for record in records]
        known = [time for time, _ in timed if time]
        if known and known[0] > known[-1]:  # the newest first
            timed.reverse()
        if len(known) == len(timed):
            timed.sort(key=itemgetter(0))
        return [{**record, "position": number} for number, (_, record) in enumerate(timed)]


class TelnyxAiInsights(ConversationDetails):
    """What Telnyx derives from a conversation after its end, by the insights of the assistant."""

    name = "telnyx_ai_insights"
    primary_keys = ("account", "id")
    path = "/ai/conversations/{conversation_id}/conversations-insights"
    reference = _reference(path, "until the status is completed or failed")
    page_size = None

    def is_settled(self, asked: Asked) -> bool:
        """Read insights again that are not final."""
        rows = asked.rows or ()
        return super().is_settled(asked) and not any(
            _insight(row.body).status in _UNFINISHED for row in rows
        )


def _refuse_endless_list(count: int) -> None:
    if count > _MOST_RECORDS:
        msg = f"a conversation has more than {_MOST_RECORDS} records"
        raise BadAnswer(msg)


def _objects(items: object) -> list[dict[str, Any]]:
    """Return the records of a page.

    Raises:
        BadAnswer: One is not an object.
    """
    if isinstance(items, list) and all(isinstance(item, dict) for item in items):
        return items
    msg = "a record of a conversation is not an object"
    raise BadAnswer(msg)


def _time_of(message: Mapping[str, Any]) -> str:
    """Return when a message was sent, or else created; empty if neither is told."""
    for name in ("sent_at", "created_at"):
        try:
            return normal_time(message[name])
        except (KeyError, TypeError, ValueError):
            continue
    return ""
