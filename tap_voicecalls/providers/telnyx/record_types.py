"""Telnyx: facts about the types of detail records. Pure.

Sources: developers.telnyx.com, detail-records, and the official SDKs since 4.181 (the fields of
webrtc, sip-trunking, call-control, conference, conference-participant, amd and messaging). The
fields of the other types are not published; they are those that users saw on real accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_START, _MADE = "started_at", "created_at"

# The field by which a type is filtered and sorted; the server refuses one that the type lacks.
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
# Fields that may hold the time of a record, in the order of a call.
TIMES = (_START, "start_time", "joined_at", "invoked_at", _MADE, "completed_at", "finished_at")

# Types that are a leg of a call; of legs that start together, the first has the most facts.
LEGS = ("sip-trunking", "call-control", "webrtc", "ai-voice-assistant")
# Services on a call, whose costs are part of the cost of the call, and types without a call.
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
    """Return the type as requests name it, such as webrtc for webrtc_detail_record."""
    name = record_type.strip().lower().replace("_", "-")
    return name.removesuffix("-detail-record")


def time_field(record_type: str) -> str:
    """Return the field that a type is filtered by, unless the server refuses it."""
    return _TIME_FIELDS.get(plain_name(record_type), _MADE)


def candidates(record_type: str) -> tuple[str, ...]:
    """Return the fields that a type may be filtered by, the likeliest first."""
    return tuple(dict.fromkeys((time_field(record_type), *TIMES)))


def guesses(record_type: str) -> tuple[str, ...]:
    """Return the candidates to try if the fields of a type are unknown."""
    return tuple(dict.fromkeys((time_field(record_type), _START, _MADE)))


def rank(record_type: str) -> int:
    """Return the rank of a leg's type; lower ranks have more facts about the call."""
    name = plain_name(record_type)
    return LEGS.index(name) if name in LEGS else len(LEGS)
