"""What is known of the types of detail records. Pure: names in, facts out.

Sources: developers.telnyx.com, detail-records, and the official SDKs since 4.181 (the fields of
webrtc, sip-trunking, call-control, conference, conference-participant, amd and messaging); of the
others no shape is published, and their fields are those that users saw on real accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_START, _MADE = "started_at", "created_at"

# What a type's records are filtered and sorted by; the server refuses a field that they lack.
_TIME_FIELDS: Mapping[str, str] = {
    "webrtc": _START,
    "sip-trunking": _START,
    "call-control": _START,
    "conference": _START,
    "conference-participant": "joined_at",
    "amd": "invoked_at",
    "recording": _START,
    "ai-voice-assistant": _MADE,
    "speech-to-text": "start_time",
    "stt": "start_time",
    "text-to-speech": _MADE,
    "tts": _MADE,
}
# Other fields by which a record's time may be told, the earliest of a call first.
TIMES = (_START, "start_time", "joined_at", "invoked_at", _MADE, "completed_at", "finished_at")

# The types that are a leg of a call; of legs that start together the first tells most of the call.
LEGS = ("sip-trunking", "call-control", "webrtc", "ai-voice-assistant")
# Services on a call, whose costs are part of the call's, and what has to do with no call at all.
SERVICES = frozenset(
    (
        *("amd", "conference", "conference-participant", "recording", "siprec-client"),
        *("stt", "speech-to-text", "inference-speech-to-text", "tts", "text-to-speech"),
        *("inference", "embedding", "noise-suppression", "media-streaming", "media-storage"),
        *("messaging", "message", "verify", "fax", "wireless", "sim-card-usage"),
        *("whatsapp", "whatsapp-conversation"),
    )
)


def plain_name(record_type: str) -> str:
    """Return the type that is asked for, however a record names its own: webrtc_detail_record."""
    name = record_type.strip().lower().replace("_", "-")
    return name.removesuffix("-detail-record")


def time_field(record_type: str) -> str:
    """Return the field that a type is filtered by, unless the server says otherwise."""
    return _TIME_FIELDS.get(plain_name(record_type), _MADE)


def candidates(record_type: str) -> tuple[str, ...]:
    """Return the fields to filter a type by, the likeliest first."""
    return tuple(dict.fromkeys((time_field(record_type), *TIMES)))


def guesses(record_type: str) -> tuple[str, ...]:
    """Return the candidates worth a request when nobody tells which fields a type has."""
    return tuple(dict.fromkeys((time_field(record_type), _START, _MADE)))


def rank(record_type: str) -> int:
    """Return how much a leg's type tells of its call: the lower the more."""
    name = plain_name(record_type)
    return LEGS.index(name) if name in LEGS else len(LEGS)
