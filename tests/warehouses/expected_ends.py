"""What the table `calls` must hold of how a call ended, and what else its own record tells."""

from __future__ import annotations

from decimal import Decimal
from statistics import mean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]

UNKNOWN = ("end_reason", "ended_by", "answered_by", "sentiment")
# Of calls that tell no reason, by their status.
_BY_STATUS = {name: name for name in ("completed", "busy", "no_answer", "canceled")}
_VOICY = {
    "user_hangup": ("caller_hangup", "caller"),
    "agent_hangup": ("agent_hangup", "agent"),
    "inactivity": ("inactivity", "system"),
    "error_inactivity": ("inactivity", "system"),
    "busy": ("busy", "unknown"),
    "no_answer": ("no_answer", "unknown"),
    "error": ("agent_error", "system"),
    "canceled": ("canceled", "unknown"),
}
# SIP responses, RFC 3261.
_SIP = {
    "200": "completed",
    "408": "no_answer",
    "480": "no_answer",
    "486": "busy",
    "487": "canceled",
    "503": "carrier_error",
    "603": "declined",
}


def end_of(provider: str, row: Row, status: str) -> Row:
    """Return the columns of a call that its row in the provider's own table decides."""
    ended: Row = dict.fromkeys(UNKNOWN, "unknown")
    if provider in _OF:
        ended |= {"end_reason": _BY_STATUS.get(status, "unknown")} | _OF[provider](row)
    return ended


def _vonage(row: Row) -> Row:
    code = row["status_code"]
    reason = {"end_reason": _SIP[code], "provider_end_reason": code} if code else {}
    return reason | {"language": row["language"]}


def _voicy(row: Row) -> Row:
    word = row["call_status"]
    spoken = [turn for turn in row["transcript"] or [] if turn]
    delays = [
        turn["latency_breakdown"]["total_perceived_ms"]
        for turn in spoken
        if turn.get("latency_breakdown")
    ]
    told: Row = {
        "agent_version": row["agent"] and str(row["agent"]["version"]),
        "summary": row["summary"],
        "turns": len(spoken),
        "response_seconds": round(Decimal(mean(delays)) / 1000, 3) if delays else None,
    }
    if word in _VOICY:
        reason, by = _VOICY[word]
        told |= {"end_reason": reason, "ended_by": by, "provider_end_reason": word}
    return told


def _telnyx(row: Row) -> Row:
    return {"end_reason": "unknown", "billed_seconds": row["billed_sec"]}


def _burki(row: Row) -> Row:
    return {"carrier_call_id": row["call_sid"]}


def _ovia(row: Row) -> Row:
    spoken = [turn for turn in row["transcript_objects"] or [] if turn]
    text = (row["transcript"] or "").strip()
    return {"updated_at": row["updated_at"], "turns": len(spoken) or int(bool(text))}


def _twilio(row: Row) -> Row:
    machine = (row["answered_by"] or "").startswith("machine")
    answered = "machine" if machine else row["answered_by"] or "unknown"
    return {"updated_at": row["date_updated"], "answered_by": answered}


_OF: dict[str, Callable[[Row], Row]] = {
    "vonage": _vonage,
    "voicy": _voicy,
    "telnyx": _telnyx,
    "burki": _burki,
    "ovia": _ovia,
    "twilio": _twilio,
}
