"""A normalized call, as the stream `calls` holds it, and helpers to make one."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import msgspec

from tap_voicecalls.records.raw_json import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.records.record_type import Record

Direction = Literal["inbound", "outbound", "unknown"]
Status = Literal["completed", "failed", "busy", "no_answer", "canceled", "in_progress", "unknown"]
Channel = Literal["phone", "web", "sip", "websocket", "app", "tts", "unknown"]
EndReason = Literal[
    "completed",
    "caller_hangup",
    "agent_hangup",
    "transferred",
    "voicemail",
    "ivr",
    "inactivity",
    "max_duration",
    "no_answer",
    "busy",
    "declined",
    "canceled",
    "invalid_number",
    "blocked",
    "limit_reached",
    "billing",
    "agent_error",
    "carrier_error",
    "unknown",
]
EndedBy = Literal["caller", "agent", "system", "unknown"]
AnsweredBy = Literal["human", "machine", "fax", "unknown"]
Sentiment = Literal["positive", "neutral", "negative", "unknown"]

UNKNOWN: Final = "unknown"
"""In each vocabulary: the provider sends no value, or one that is not mapped."""

# Tables for :func:`normalize_enum` of the words that most providers use.
DIRECTIONS: Mapping[str, Direction] = {"inbound": "inbound", "outbound": "outbound"}
SENTIMENTS: Mapping[str, Sentiment] = {
    "positive": "positive",
    "neutral": "neutral",
    "negative": "negative",
}

_Value = TypeVar("_Value", bound=str)

# The fields of a turn that hold what was said, in any API; and the fields about the turn.
_CONTENT = {"content", "text", "message", "utterance", "transcript", "words", "word"}
_ABOUT = {
    "channel",
    "confidence",
    "created_at",
    "end",
    "ended_at",
    "gender",
    "id",
    "lang",
    "language",
    "name",
    "role",
    "speaker",
    "start",
    "started_at",
    "time",
    "timestamp",
    "type",
}


class Call(msgspec.Struct, gc=False, kw_only=True):
    """A call; ``schemas/calls.json`` describes each field.

    A provider fills all fields except `provider`, `account`, `stream`, and what is made from turns.
    Numbers are exact.
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
    from_withheld: bool | None = None
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
    end_reason: EndReason = UNKNOWN
    provider_end_reason: str | None = None
    ended_by: EndedBy = UNKNOWN
    answered_by: AnsweredBy = UNKNOWN
    transferred_to: str | None = None
    parent_call_id: str | None = None
    carrier: str | None = None
    carrier_call_id: str | None = None
    agent_version: str | None = None
    language: str | None = None
    successful: bool | None = None
    sentiment: Sentiment = UNKNOWN
    summary: str | None = None
    turns: int | None = None
    interruptions: int | None = None
    response_seconds: int | Decimal | None = None
    billed_seconds: int | Decimal | None = None
    cost_platform: int | Decimal | None = None
    updated_at: str | None = None


_END_REASONS: Mapping[Status, EndReason] = {
    "completed": "completed",
    "busy": "busy",
    "no_answer": "no_answer",
    "canceled": "canceled",
}


def end_reason(table: Mapping[str, EndReason], word: str | None, status: Status) -> EndReason:
    """Return why a call ended: by the provider's word for it, or else by the status of the call.

    Args:
        table: The provider's words, in lower case.
        word: The word that it sent; None if it sent none.
        status: The normalized status of the call.
    """
    by_word = normalize_enum(table, word)
    return _END_REASONS.get(status, UNKNOWN) if word is None else by_word


def normalize_enum(table: Mapping[str, _Value], text: str | None) -> _Value | Literal["unknown"]:
    """Map a provider's value by a table whose keys are in lower case.

    Case and surrounding space do not matter, and `in-progress` and `in progress` are `in_progress`.
    """
    if text is None:
        return UNKNOWN
    if text in table:
        return table[text]
    key = text.strip().lower()
    joined = key.replace("-", "_").replace(" ", "_")
    return table.get(key, table.get(joined, UNKNOWN))


def has_words(value: Any) -> bool:  # noqa: ANN401 - a transcript in any form
    """Return whether a transcript, a text or turns in any form, contains words.

    Some APIs send `[{}]`, or turns without content, for a call without a transcript.
    """
    if isinstance(value, msgspec.Raw):
        value = decode(bytes(value))
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, list):
        return any(map(has_words, value))
    if not isinstance(value, dict):
        return False
    if _CONTENT & value.keys():
        return any(has_words(value.get(name)) for name in _CONTENT)
    return any(has_words(content) for name, content in value.items() if name not in _ABOUT)


def says_words(record: Record, *names: str) -> bool:
    """Return whether one of some fields contains words, or what was sent for it and did not fit."""
    unfit = record.additional_fields or {}
    return any(has_words(getattr(record, name)) or has_words(unfit.get(name)) for name in names)


def currency_of(currency: str, *amounts: int | Decimal | None) -> str | None:
    """Return the only currency of a provider, if a call has any amount."""
    return None if all(amount is None for amount in amounts) else currency


def currency_code(text: str | None) -> str | None:
    """Return an ISO 4217 code in upper case; some providers send it in lower case."""
    return text.strip().upper() or None if text else None


def identifier(value: int | str | None) -> str | None:
    """Return an identifier as text; None if it is empty."""
    return None if value is None else str(value) or None
