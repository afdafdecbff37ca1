"""ElevenLabs: which conversations of the list are text chats.

A record of the list says so only where its source does: people also type in a widget and in an
app. The list has a parameter for text chats, `text_only` (the Python SDK at 54e5899,
conversational_ai/conversations/raw_client.py), so where sources do not decide, they are listed once
more with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.streams.paging.paginators import Paginator

if TYPE_CHECKING:
    from tap_voicecalls.streams.paging.page import Page

TELEPHONES = {"twilio", "exotel", "sip_trunk"}
"""Sources of calls: nobody types there (conversation_initiation_source.py)."""

WHATSAPP = "whatsapp"
"""It carries messages and calls, and messages unless a record says otherwise."""

TEXT_SOURCES = {
    "twilio_sms",
    "zendesk_integration",
    "slack_integration",
    "telegram_integration",
    "intercom_integration",
    "freshdesk_integration",
    "salesforce_integration",
}
"""Sources that carry text only."""


class Place(NamedTuple):
    """The place of a page.

    Attributes:
        is_text: Whether it is of the list of text chats.
        cursor: The cursor; None for the first page of that list.
    """

    is_text: bool
    cursor: str | None


class _Listed(msgspec.Struct, gc=False):
    """The fields of a listed conversation that say whether it is a text chat."""

    conversation_initiation_source: str | None = None
    text_only: bool | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether it may be a call or a text chat."""
        source = self.conversation_initiation_source
        return self.text_only is None and source not in {*TELEPHONES, *TEXT_SOURCES, WHATSAPP}


_listed = msgspec.json.Decoder(_Listed).decode


@dataclass(slots=True)
class TextChatsLast(Paginator[Place]):
    """Follow the cursor to the end; then list the text chats, if any conversation is undecided.

    Attributes:
        lists_chats: Whether to list them; not where details tell it anyway.
    """

    lists_chats: bool = True
    _listed: int = field(default=0, init=False)
    _chats: int = field(default=0, init=False)
    _is_undecided: bool = field(default=False, init=False)
    _has_telephone: bool = field(default=False, init=False)

    def after(self, token: Place | None, page: Page) -> Place | None:
        """Return the place of the next page.

        Raises:
            BadAnswer: The server lists calls as text chats.
        """
        is_text = token is not None and token.is_text
        records = [_listed(row.body) for row in page.items]
        if is_text:
            self._count_chats(records)
        else:
            self._listed += len(records)
            self._is_undecided = self._is_undecided or any(one.is_undecided for one in records)
        if isinstance(page.next, str):
            return Place(is_text, page.next)
        if is_text:
            self._require_a_choice()
            return None
        is_due = self.lists_chats and self._is_undecided
        return Place(is_text=True, cursor=None) if is_due else None

    def _count_chats(self, records: list[_Listed]) -> None:
        self._chats += len(records)
        sources = {one.conversation_initiation_source for one in records}
        self._has_telephone = self._has_telephone or not TELEPHONES.isdisjoint(sources)

    def _require_a_choice(self) -> None:
        if self._has_telephone and self._chats >= self._listed:
            msg = (
                "the server ignores the parameter `text_only`, so text chats cannot be told from "
                "calls; check `base_url`, and ask the provider"
            )
            raise BadAnswer(msg)
