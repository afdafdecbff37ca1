"""A call in one vocabulary, whichever provider it is of: what the stream `calls` holds."""

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

UNKNOWN: Final = "unknown"
"""In each vocabulary: the provider does not tell, or in a word that nobody knows."""

_Ours = TypeVar("_Ours", bound=str)

# Where APIs keep what was said in a turn; and what they keep beside it, in any of them.
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


def normalize_enum(table: Mapping[str, _Ours], theirs: str | None) -> _Ours | Literal["unknown"]:
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


def has_words(value: Any) -> bool:  # noqa: ANN401 - a transcript in any form
    """Tell whether a transcript says anything, be it a text, or turns in any form.

    `[{}]`, and turns without content, are how some APIs say that there is none.
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
    return any(has_words(said) for name, said in value.items() if name not in _ABOUT)


def says_words(record: Record, *names: str) -> bool:
    """Tell whether one of a record's fields says anything, or what was sent and does not fit it."""
    kept = record.additional_fields or {}
    return any(has_words(getattr(record, name)) or has_words(kept.get(name)) for name in names)


def currency_code(text: str | None) -> str | None:
    """Write an ISO 4217 code as the standard does; some providers send it in lower case."""
    return text.strip().upper() or None if text else None


def identifier(value: int | str | None) -> str | None:
    """Write an identifier as text; an empty one is none."""
    return None if value is None else str(value) or None
