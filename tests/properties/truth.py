"""What each stream's records are compared by, in the words of the APIs and not of the tap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Record = dict[str, Any]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} .*")
# Signed anew for each answer, what the tap needs for a label of its own, and what
# holds secrets.
_VOLATILE = {"recording_url", "url", "account", "access_token", "artifact", "assistant", "costs"}
_VOLATILE |= {"monitor"}
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ALL_PRODUCTS = ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL"]


@dataclass(frozen=True)
class Facts:
    """How the records of one stream are told apart and placed in time, as sent and as written.

    Attributes:
        provider: The provider.
        key: What tells a record apart; None for one without anything of the kind.
        position: When it is listed, the time that bookmarks go by.
        running: Whether its call has not ended.
        holds: Whether running calls are listed, so that the bookmark can wait for them.
        slack: How much later than `position` the API may list it.
        empty: What an empty text is written as.
    """

    provider: str
    key: Callable[[Record], Hashable]
    position: Callable[[Record], datetime]
    running: Callable[[Record], bool] = lambda _: False
    holds: bool = True
    slack: timedelta = timedelta(0)
    empty: str | None = ""


def moment(text: str) -> datetime:
    """Read a time; without an offset it is UTC."""
    read = parsedate_to_datetime(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _at(*names: str) -> Callable[[Record], datetime]:
    # A call without any time is in no window: it is read again in each run, as one to come is.
    return lambda record: next((moment(record[n]) for n in names if record.get(n)), _NEVER)


def _millis(record: Record) -> datetime:
    if record["start_timestamp"] is None:
        return _NEVER
    return datetime.fromtimestamp(record["start_timestamp"] / 1000, UTC)


def _voicy_runs(record: Record) -> bool:
    return record["call_status"] in {"initiated", "ringing", "ongoing"}


def _retell_runs(record: Record) -> bool:
    return record["call_status"] in {"registered", "ongoing"}


def _ovia_key(record: Record) -> Hashable:
    return (record.get("metadata") or {}).get("call_id_full")


def _report_key(record: Record) -> Hashable:
    time = _at("stored_at", "created_at")(record)
    return record["call_id"], record.get("segment") or 0, time


STREAMS = {
    "vonage_voice_reports": Facts(
        "vonage", lambda r: r["id"], _at("date_start", "start_time"), holds=False, empty=None
    ),
    "voicy_calls": Facts("voicy", lambda r: r["call_id"], _millis, _voicy_runs),
    "voicy_call_details": Facts("voicy", lambda r: r["call_id"], _millis, _voicy_runs),
    "telnyx_call_reports": Facts(
        "telnyx", _report_key, _at("created_at", "stored_at"), holds=False
    ),
    # Listed soon after the end.
    "telnyx_detail_records": Facts(
        "telnyx",
        lambda r: r["id"],
        _at("finished_at"),
        holds=False,
        slack=timedelta(seconds=10),
    ),
    "burki_calls": Facts(
        "burki", lambda r: r["id"], _at("started_at"), lambda r: r["status"] == "ongoing"
    ),
    "ovia_calls": Facts("ovia", _ovia_key, _at("started_at"), lambda r: r["ended_at"] is None),
    "twilio_calls": Facts(
        "twilio",
        lambda r: r["sid"],
        _at("start_time", "date_created"),
        lambda r: r["status"] in {"queued", "in-progress"},
        empty=None,
    ),
    "retell_calls": Facts("retell", lambda r: r["call_id"], _millis, _retell_runs),
    "vapi_calls": Facts(
        "vapi", lambda r: r["id"], _at("createdAt"), lambda r: r["status"] == "in-progress"
    ),
    "elevenlabs_conversations": Facts(
        "elevenlabs",
        lambda r: r["conversation_id"],
        lambda r: datetime.fromtimestamp(r["start_time_unix_secs"], UTC),
        lambda r: r["status"] in {"in-progress", "processing"},
    ),
}


def _declared(stream: str) -> Facts:
    """Return the facts of a stream that nobody wrote out, by what its class declares."""
    key, time = registry.key_of(stream), registry.STREAMS[stream].replication_key
    return Facts(registry.PROVIDER_OF[stream], lambda r: r[key], _at(time), holds=False)


STREAMS |= {stream: _declared(stream) for stream in registry.beyond(STREAMS)}

# The stream of each provider whose records are its calls: its fields of the call's id, start and
# status.
CALLS_FROM = {
    "vonage": ("vonage_voice_reports", "id", "start_time", "status"),
    "voicy": ("voicy_call_details", "call_id", "started_at", "call_status"),
    "telnyx": ("telnyx_detail_records", "telnyx_session_id", "started_at", ""),
    "burki": ("burki_calls", "id", "started_at", "status"),
    "ovia": ("ovia_calls", "id", "started_at", "status"),
    "twilio": ("twilio_calls", "sid", "started_at", "status"),
    "retell": ("retell_calls", "call_id", "started_at", "call_status"),
    "vapi": ("vapi_calls", "id", "createdAt", "status"),
    "elevenlabs": ("elevenlabs_conversations", "conversation_id", "started_at", "status"),
}


def _calls_of(provider: str) -> tuple[str, str, str, str]:
    """Return the same of a provider that nobody wrote out, by its simulated API."""
    fields = registry.call_fields(provider)
    names = fields["call_id"], fields["started_at"], fields["provider_status"]
    return (registry.calls_from(provider), *names)


CALLS_FROM |= {provider: _calls_of(provider) for provider in registry.providers_beyond(CALLS_FROM)}


def streams_of(provider: str) -> list[str]:
    """Name a provider's streams."""
    return [name for name, facts in STREAMS.items() if facts.provider == provider]


def differences(stream: str, sent: Record, written: Record) -> list[str]:
    """Name the fields that were written otherwise than sent, whatever their wording."""
    empty = STREAMS[stream].empty
    told = {name: empty if value == "" else value for name, value in sent.items()}
    return changes(told, written)


def changes(before: Record, after: Record) -> list[str]:
    """Name the fields of a record that say something else than they did."""
    return [
        name
        for name, value in before.items()
        if name not in _VOLATILE and plain(value) != plain(after.get(name))
    ]


def plain(value: object) -> object:
    """Reduce a value to what it says: `"07.50"` and 7.5, or two ways to write a time, are one.

    A part of an object that is null is the same as one that is not there.
    """
    match value:
        case dict():
            return {name: plain(part) for name, part in value.items() if part is not None}
        case list():
            return [plain(part) for part in value]
        case int() | float() if not isinstance(value, bool):
            return Decimal(str(value))
        case str() if _NUMBER.fullmatch(value):
            return Decimal(value)
        case str() if _TIME.fullmatch(value):
            return moment(value)
        case _:
            return value
