"""A call in one vocabulary, whichever provider it is of: what the stream `calls` holds."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Direction = Literal["inbound", "outbound", "unknown"]
Status = Literal["completed", "failed", "busy", "no_answer", "canceled", "in_progress", "unknown"]
Channel = Literal["phone", "web", "sip", "websocket", "app", "tts", "unknown"]

UNKNOWN: Final = "unknown"
"""In each vocabulary: the provider does not tell, or in a word that nobody knows."""

_Ours = TypeVar("_Ours", bound=str)


class Call(msgspec.Struct, gc=False, kw_only=True):
    """A call; ``schemas/calls.json`` says what each field means.

    A provider's room fills all fields but `provider`, `account` and `stream`. Numbers are exact.
    """

    provider: str | None = None
    account: str | None = None
    call_id: str | None = None
    stream: str | None = None
    direction: Direction = UNKNOWN
    status: Status = UNKNOWN
    provider_status: str | None = None
    channel: Channel = UNKNOWN
    from_number: str | None = None
    to_number: str | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration_seconds: int | Decimal | None = None
    cost: int | Decimal | None = None
    cost_llm: int | Decimal | None = None
    cost_tts: int | Decimal | None = None
    cost_stt: int | Decimal | None = None
    cost_telephony: int | Decimal | None = None
    currency: str | None = None
    has_recording: bool | None = None
    has_transcript: bool | None = None


def in_our_words(table: Mapping[str, _Ours], theirs: str | None) -> _Ours | Literal["unknown"]:
    """Look a provider's word up in a table whose keys are in lower case.

    Case and the space around do not count, and `in-progress` and `in progress` are `in_progress`.
    """
    if theirs is None:
        return UNKNOWN
    if theirs in table:
        return table[theirs]
    word = theirs.strip().lower()
    return table.get(word, table.get(_joined(word), UNKNOWN))


def _joined(word: str) -> str:
    return word.replace("-", "_").replace(" ", "_")


def currency_code(text: str | None) -> str | None:
    """Write an ISO 4217 code as the standard does; some providers send it in lower case."""
    return text.strip().upper() or None if text else None


def identifier(value: int | str | None) -> str | None:
    """Write an identifier as text; an empty one is none."""
    return None if value is None else str(value) or None
