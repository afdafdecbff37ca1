"""The calls of a source, each once, with what is said in them and where their recordings are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.page.outcomes import outcome_of
from tap_voicecalls.page.sources.source import KEY
from tap_voicecalls.page.values import moment, number, rounded, text

if TYPE_CHECKING:
    from tap_voicecalls.page.sources.source import Source, Values

_NAMES = (
    *("direction", "status", "end_reason", "currency", "agent_id", "agent_name"),
    *("from_number", "to_number"),
)
_NUMBERS = ("duration_seconds", "cost", "response_seconds")
# Shown only where a call is opened.
_DETAILS = (
    *("provider_status", "provider_end_reason", "ended_by", "answered_by", "channel"),
    *("transferred_to", "language", "sentiment", "summary", "interruptions", "agent_version"),
    *("billed_seconds", "cost_llm", "cost_tts", "cost_stt", "cost_telephony", "cost_platform"),
    *("carrier", "carrier_call_id", "parent_call_id", "stream", "ended_at", "updated_at"),
)
_OTHERS = ("started_at", "successful", "turns")
_CALL = (*KEY, *_NAMES, *_NUMBERS, *_DETAILS, *_OTHERS)
_TURN = (
    *KEY,
    *("turn", "role", "text", "offset_seconds", "interrupted", "response_seconds"),
    *("tool_name", "tool_arguments", "tool_result", "tool_failed"),
)
_RECORDING = (
    *KEY,
    *("recording", "status", "file", "url", "duration_seconds", "bytes", "media_type"),
)
_START, _CALL_START = "started_at", "call_started_at"

Key = tuple[Any, ...]


class Call(msgspec.Struct, gc=False):
    """A call, as small as it can be: a page may have hundreds of thousands."""

    key: tuple[str, str, str]
    names: tuple[str | None, ...]
    numbers: tuple[float, ...]
    started: float
    outcome: int
    turns: int | None
    details: bytes

    def name(self, column: str) -> str | None:
        """Return the text in a column."""
        return self.names[_NAMES.index(column)]

    def number(self, column: str) -> float:
        """Return the number in a column; NaN for none."""
        return self.numbers[_NUMBERS.index(column)]


class Turn(msgspec.Struct, array_like=True, gc=False):
    """A turn, in the order in which the page's script reads it."""

    role: str
    text: str | None
    offset: float | None
    interrupted: bool
    response: float | None
    tool: str | None
    arguments: str | None
    result: str | None
    failed: bool


class Recording(msgspec.Struct, array_like=True, gc=False):
    """A recording, in the order in which the page's script reads it."""

    name: str
    status: str
    file: str | None
    url: str | None
    duration: float | None
    size: int | None
    media_type: str | None


@dataclass
class Calls:
    """What a page is made of, the newest call first.

    Attributes:
        calls: The calls.
        known: How many calls the source has; those beyond the limit are left out.
        turns: Of each call, its turns as JSON, by their numbers.
        recordings: Of each call, its recordings as JSON, by their names.
    """

    calls: list[Call]
    known: int
    turns: dict[Key, dict[int, bytes]] = field(default_factory=dict)
    recordings: dict[Key, dict[str, bytes]] = field(default_factory=dict)


def collect(source: Source, limit: int) -> Calls:
    """Read the newest calls of a source.

    Raises:
        PageError: The source cannot be read.
    """
    # A later row of a call replaces an earlier one: files hold every reading of it.
    found = {call.key: call for call in map(_call, source.rows("calls", _CALL, _START))}
    ordered = sorted(found.values(), key=_newest_first)
    collected = Calls(ordered[:limit], len(ordered))
    del found, ordered
    kept = {call.key: call for call in collected.calls}
    if source.has("call_turns"):
        _add_turns(collected, kept, source)
    if source.has("call_recordings"):
        for row in source.rows("call_recordings", _RECORDING, _CALL_START):
            if (key := _key(row)) in kept:
                name, recording = _recording(row)
                collected.recordings.setdefault(kept[key].key, {})[name] = recording
    return collected


def _add_turns(collected: Calls, kept: dict[Key, Call], source: Source) -> None:
    """Add the turns of the calls, without those of an older reading that had more of them."""
    place = _TURN.index("turn")
    for row in source.rows("call_turns", _TURN, _CALL_START):
        call, turn = kept.get(_key(row)), number(row[place])
        if call and turn >= 0 and (call.turns is None or turn < call.turns):
            collected.turns.setdefault(call.key, {})[int(turn)] = _turn(row)


def _newest_first(call: Call) -> tuple[float, Key]:
    return (-call.started if call.started == call.started else float("inf"), call.key)


def _key(row: Values) -> tuple[str, str, str]:
    provider, account, call_id = row[:3]
    return (str(provider), str(account), str(call_id))


def _call(row: Values) -> Call:
    values = dict(zip(_CALL, row, strict=True))
    return Call(
        key=_key(row),
        names=tuple(text(values[name]) for name in _NAMES),
        numbers=tuple(number(values[name]) for name in _NUMBERS),
        started=moment(values["started_at"]),
        outcome=outcome_of(values["successful"], values["status"]),
        turns=_whole(values["turns"]),
        details=msgspec.json.encode(
            {name: shown for name in _DETAILS if (shown := _shown(values[name])) is not None}
        ),
    )


def _shown(value: object) -> str | int | float | None:
    """Return a detail as the page shows it; what is unknown is left out."""
    if value is None or value == "unknown":
        return None
    amount = None if isinstance(value, str) else rounded(value, 9)
    return text(value) if amount is None else amount


def _whole(value: object) -> int | None:
    found = rounded(value, 0)
    return None if found is None else int(found)


def _turn(row: Values) -> bytes:
    values = dict(zip(_TURN, row, strict=True))
    return msgspec.json.encode(
        Turn(
            role=text(values["role"]) or "unknown",
            text=text(values["text"]),
            offset=rounded(values["offset_seconds"]),
            interrupted=values["interrupted"] is True,
            response=rounded(values["response_seconds"]),
            tool=text(values["tool_name"]),
            arguments=text(values["tool_arguments"]),
            result=text(values["tool_result"]),
            failed=values["tool_failed"] is True,
        )
    )


def _recording(row: Values) -> tuple[str, bytes]:
    values = dict(zip(_RECORDING, row, strict=True))
    name = text(values["recording"]) or "0"
    recording = Recording(
        name=name,
        status=text(values["status"]) or "unknown",
        file=text(values["file"]),
        url=text(values["url"]),
        duration=rounded(values["duration_seconds"]),
        size=_whole(values["bytes"]),
        media_type=text(values["media_type"]),
    )
    return name, msgspec.json.encode(recording)


decode_turn = msgspec.json.Decoder(Turn).decode
