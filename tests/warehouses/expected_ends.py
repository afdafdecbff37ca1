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


_RETELL = {
    "user_hangup": ("caller_hangup", "caller"),
    "agent_hangup": ("agent_hangup", "agent"),
    "call_transfer": ("transferred", "agent"),
    "inactivity": ("inactivity", "system"),
    "dial_busy": ("busy", "unknown"),
    "dial_no_answer": ("no_answer", "unknown"),
    "dial_failed": ("carrier_error", "unknown"),
    "error_llm_websocket_open": ("agent_error", "system"),
    "user_declined": ("declined", "caller"),
}


def _retell(row: Row) -> Row:
    analysis, word = row["call_analysis"] or {}, row["disconnection_reason"]
    values = ((row["latency"] or {}).get("e2e") or {}).get("values") or []
    sid = (row["telephony_identifier"] or {}).get("twilio_call_sid")
    reason, by = _RETELL.get(word, ("unknown", "unknown"))
    return {
        "end_reason": reason,
        "ended_by": by,
        "provider_end_reason": word,
        "carrier": sid and "twilio",
        "carrier_call_id": sid,
        "successful": analysis.get("call_successful"),
        "sentiment": (analysis.get("user_sentiment") or "unknown").lower(),
        "summary": analysis.get("call_summary"),
        "answered_by": "machine" if analysis.get("in_voicemail") else "unknown",
        "response_seconds": round(Decimal(mean(values)) / 1000, 3) if values else None,
    }


_ELEVENLABS = {
    "end_call tool was called.": ("agent_hangup", "agent"),
    "Client disconnected: 1000": ("completed", "unknown"),
    "Call ended by remote party": ("caller_hangup", "caller"),
}


def _elevenlabs(row: Row) -> Row:
    reason, by = _ELEVENLABS.get(row["termination_reason"], ("unknown", "unknown"))
    return {
        "end_reason": reason,
        "ended_by": by,
        "provider_end_reason": row["termination_reason"] or None,
        "successful": {"success": True, "failure": False}.get(row["call_successful"]),
        "sentiment": (row["sentiment_analysis"] or {}).get("overall_label") or "unknown",
        "summary": row["transcript_summary"],
    }


_VAPI = {
    "customer-ended-call": ("caller_hangup", "caller"),
    "assistant-ended-call": ("agent_hangup", "agent"),
    "assistant-forwarded-call": ("transferred", "agent"),
    "silence-timed-out": ("inactivity", "system"),
    "customer-busy": ("busy", "unknown"),
    "customer-did-not-answer": ("no_answer", "unknown"),
    "pipeline-error-openai-llm-failed": ("agent_error", "system"),
    "twilio-failed-to-connect-call": ("carrier_error", "system"),
    "manually-canceled": ("canceled", "unknown"),
}


def _vapi(row: Row) -> Row:
    reason, by = _VAPI.get(str(row["endedReason"]), ("unknown", "unknown"))
    analysis, artifact = row["analysis"] or {}, row["artifact"] or {}
    metrics = artifact.get("performanceMetrics") or {}
    spoken = [one for one in artifact.get("messages") or [] if one["role"] != "system"]
    latency = metrics.get("turnLatencyAverage")
    return {
        "end_reason": reason,
        "ended_by": by,
        "provider_end_reason": row["endedReason"],
        "carrier": row["transport"] and "twilio",
        "carrier_call_id": row["transport"] and row["transport"]["callSid"],
        "successful": {"true": True, "false": False}.get(str(analysis.get("successEvaluation"))),
        "summary": analysis.get("summary"),
        "turns": len(spoken),
        "interruptions": metrics.get("numAssistantInterrupted"),
        "response_seconds": latency and Decimal(latency) / 1000,
    }


_OF: dict[str, Callable[[Row], Row]] = {
    "vonage": _vonage,
    "voicy": _voicy,
    "telnyx": _telnyx,
    "burki": _burki,
    "ovia": _ovia,
    "twilio": _twilio,
    "retell": _retell,
    "elevenlabs": _elevenlabs,
    "vapi": _vapi,
}
