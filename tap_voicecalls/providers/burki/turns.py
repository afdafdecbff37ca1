"""Burki: turns and recordings of a call, from the records of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.call import identifier, normalize_enum
from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.calls.turn import Turn
from tap_voicecalls.records.exact import subtract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

# openapi.json, transcripts: the two speakers. The others have only one possible meaning.
_ROLES: Mapping[str, Role] = {
    "user": "caller",
    "assistant": "agent",
    "customer": "caller",
    "agent": "agent",
    "system": "system",
}
_MEDIA_TYPES: Mapping[str, str] = {"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg"}


def turns(record: Record) -> list[Turn]:
    """Make the turn of an utterance; interim results are none."""
    if record.is_final is False:
        return []
    start, end = record.segment_start, record.segment_end
    return [
        Turn(
            call_id=identifier(record.call_id),
            call_started_at=record.call_started_at,
            role=normalize_enum(_ROLES, record.speaker),
            provider_role=record.speaker,
            text=record.content or None,
            offset_seconds=start,
            duration_seconds=None if start is None or end is None else subtract(end, start),
            confidence=record.confidence,
            provider_turn_id=identifier(record.id),
        )
    ]


def recordings(record: Record) -> list[Recording]:
    """Make a recording."""
    return [
        Recording(
            call_id=identifier(record.call_id),
            recording=str(record.id),
            call_started_at=record.call_started_at,
            url=record.recording_url or None,
            media_type=_MEDIA_TYPES.get((record.format or "").strip().lower()),
            duration_seconds=record.duration,
        )
    ]
