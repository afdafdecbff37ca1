"""Vapi: the turns of a call, and its recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.calls.turn import Turn, as_text
from tap_voicecalls.common.times import seconds_of, time_of_millis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from tap_voicecalls.calls.turn import Role
    from tap_voicecalls.records.record_type import Record

# The words are free in the OpenAPI document; these are in Vapi's pages and in published calls.
_ROLES: Mapping[str, Role] = {
    "user": "caller",
    "bot": "agent",
    "assistant": "agent",
    "system": "system",
    "tool_calls": "tool",
    "tool_call": "tool",
    "tool_call_result": "tool",
    "tool": "tool",
}
_PROMPT = "system"
# Source: docs.vapi.ai/assistants/retrieve-call-artifacts.
_FILES = {
    "combined": "mono-recording",
    "stereo": "stereo-recording",
    "customer": "customer-recording",
    "assistant": "assistant-recording",
}


def messages_of(record: Record) -> list[Mapping[str, Any]]:
    """Return what was said and done in a call; the prompt of the model is not part of it."""
    listed = (record.artifact and record.artifact.messages) or record.messages or ()
    return [one for one in listed if one and one.get("role") != _PROMPT and _says(one)]


def has_transcript(record: Record) -> bool:
    """Return whether there are messages, or the transcript as one text."""
    text = record.artifact and record.artifact.transcript
    return bool(messages_of(record) or (text and text.strip()))


def turns(record: Record) -> list[Turn]:
    """Make the turns of a call: a message, or each call of a tool and its result."""
    return [turn for message in messages_of(record) for turn in _turns(record, message)]


def recordings(record: Record) -> list[Recording]:
    """Make the recordings of a call; their addresses live as long as the call is kept."""
    return [
        Recording(
            call_id=record.id,
            recording=name,
            call_started_at=record.startedAt or record.createdAt,
            url=url,
            channels=2 if name == "stereo" else None,
        )
        for name, url in links_of(record).items()
    ]


def links_of(record: Record) -> dict[str, str]:
    """Return the addresses of a call's recordings, by what they hold; older fields last.

    They are not signed, and stay the same.
    """
    artifact = record.artifact
    if not artifact:
        return {}
    new = artifact.recording
    mono = new and new.mono
    links = {
        "combined": (mono and mono.combinedUrl) or artifact.recordingUrl,
        "stereo": (new and new.stereoUrl) or artifact.stereoRecordingUrl,
    }
    # One side of a call each: of use where there is no recording of both.
    sides = {"customer": mono and mono.customerUrl, "assistant": mono and mono.assistantUrl}
    both = {name: url for name, url in links.items() if url}
    return both or {name: url for name, url in sides.items() if url}


def recording_path(recording: Recording) -> str:
    """Return the path of a recording: Vapi's own storage opens its addresses with the key only."""
    return f"/call/{quote(str(recording.call_id), safe='')}/{_FILES[recording.recording]}"


def _says(message: Mapping[str, Any]) -> bool:
    names = ("message", "toolCalls", "toolCallId", "result")
    return any(message.get(name) for name in names)


def _turns(record: Record, message: Mapping[str, Any]) -> Iterator[Turn]:
    asked = [each for each in message.get("toolCalls") or () if each]
    if not asked:
        yield _turn(record, message, **_result(message))
    for each in asked:
        function = each.get("function")
        named: Mapping[str, Any] = function if isinstance(function, dict) else {}
        yield _turn(
            record,
            message,
            tool_name=as_text(named.get("name")),
            tool_arguments=as_text(named.get("arguments")),
            provider_turn_id=each.get("id"),
        )


def _result(message: Mapping[str, Any]) -> dict[str, Any]:
    if message.get("toolCallId") is None and message.get("result") is None:
        return {}
    return {
        "tool_name": as_text(message.get("name")),
        "tool_result": message.get("result"),
        "provider_turn_id": message.get("toolCallId"),
    }


def _turn(record: Record, message: Mapping[str, Any], **fields: Any) -> Turn:  # noqa: ANN401 - of the turn
    role, time = message.get("role"), message.get("time")
    end: int | Decimal | None = message.get("endTime")
    return Turn(
        call_id=record.id,
        call_started_at=record.startedAt or record.createdAt,
        role=normalize_enum(_ROLES, role),
        provider_role=role,
        text=message.get("message") or None,
        offset_seconds=message.get("secondsFromStart"),
        # The unit of `duration` is documented as seconds, and is milliseconds in published calls.
        duration_seconds=None if time is None or end is None else seconds_of(end - time),
        started_at=None if time is None else time_of_millis(time),
        interrupted=message.get("interrupted"),
        **fields,
    )
