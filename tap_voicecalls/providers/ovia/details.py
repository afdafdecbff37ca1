"""Ovia: turns, cost lines and recording of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.cost_line import CostLine, remainder
from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.calls.turn import Turn, seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.cost_line import Component, Unit
    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

# No words are documented; these have only one possible meaning.
_ROLES: Mapping[str, Role] = {
    "agent": "agent",
    "assistant": "agent",
    "bot": "agent",
    "user": "caller",
    "caller": "caller",
    "customer": "caller",
    "human": "caller",
    "system": "system",
    "tool": "tool",
}
_COMPONENTS: tuple[Component, ...] = ("llm", "stt", "tts")


def turns(record: Record) -> list[Turn]:
    """Make the turns of a call; where there is only a text, it is one turn of unknown role."""
    made = [_turn(record, entry) for entry in record.transcript_objects or [] if entry]
    if not made and record.transcript and record.transcript.strip():
        made = [Turn(call_id=record.id, call_started_at=record.started_at, text=record.transcript)]
    return made


def _turn(record: Record, entry: Mapping[str, Any]) -> Turn:
    time = entry.get("timestamp")
    return Turn(
        call_id=record.id,
        call_started_at=record.started_at,
        role=normalize_enum(_ROLES, entry.get("role")),
        provider_role=entry.get("role"),
        text=entry.get("content") or None,
        offset_seconds=seconds_between(record.started_at, time),
        started_at=time,
    )


def costs(record: Record, _: Call | None) -> Iterator[CostLine]:
    """Make the lines of a call's cost; usage is documented for each of the parts.

    The language model's tokens are of two kinds, so its line has no single quantity.
    """
    amounts = record.costs
    if amounts is None:
        return
    used = amounts.details
    usage: dict[str, tuple[Any, Unit]] = {
        "stt": (used and used.stt_audio_duration_seconds, "second"),
        "tts": (used and used.tts_characters, "character"),
    }
    parts = {component: getattr(amounts, component) for component in _COMPONENTS}
    rest = remainder(amounts.total, parts.values())
    for component, amount in (*parts.items(), ("other", rest)):
        if amount is not None:
            quantity, unit = usage.get(component, (None, None))
            yield CostLine(
                call_id=record.id,
                line=component,
                call_started_at=record.started_at,
                component=component,
                provider_component=None if component == "other" else component,
                amount=amount,
                quantity=quantity,
                unit=None if quantity is None else unit,
            )


def recordings(record: Record) -> list[Recording]:
    """Make the recording of a call."""
    if not record.recording_url:
        return []
    return [
        Recording(
            call_id=record.id,
            recording="0",
            call_started_at=record.started_at,
            url=record.recording_url,
        )
    ]
