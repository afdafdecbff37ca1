"""What the table `calls` must hold: amounts by the docs, words by the simulated calls."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import registry
from properties.truth import CALLS_FROM

from warehouses.expected import EPOCH, rows, schema
from warehouses.expected_ends import end_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.simulator import Call, Simulator

    Row = dict[str, Any]

# Which field of a provider's table, or which part of which field, a field of the call is.
_FIELDS: dict[str, dict[str, str]] = {
    "vonage": {
        "call_id": "id",
        "provider_status": "status",
        "started_at": "start_time",
        "ended_at": "end_time",
        "duration_seconds": "duration",
        "cost": "total_price",
        "currency": "currency",
    },
    "voicy": {
        "call_id": "call_id",
        "provider_status": "call_status",
        "agent_id": "agent.id",
        "agent_name": "agent.name",
        "started_at": "started_at",
        "cost": "call_cost.combined_cost",
        "currency": "call_cost.currency",
    },
    "telnyx": {
        "call_id": "telnyx_session_id",
        "started_at": "started_at",
        "ended_at": "finished_at",
        "duration_seconds": "call_sec",
        "cost": "cost",
        "currency": "currency",
    },
    "burki": {
        "call_id": "id",
        "provider_status": "status",
        "agent_id": "assistant_id",
        "agent_name": "assistant_name",
        "started_at": "started_at",
        "ended_at": "ended_at",
        "duration_seconds": "duration",
        "cost": "total_cost",
        "cost_llm": "llm_cost",
        "cost_tts": "tts_cost",
        "cost_stt": "stt_cost",
        "cost_telephony": "telephony_cost",
        "currency": "cost_currency",
    },
    "ovia": {
        "call_id": "id",
        "provider_status": "status",
        "agent_id": "agent_id",
        "agent_name": "agent.name",
        "started_at": "started_at",
        "ended_at": "ended_at",
        "duration_seconds": "duration",
        "cost": "costs.total",
        "cost_llm": "costs.llm",
        "cost_tts": "costs.tts",
        "cost_stt": "costs.stt",
    },
    "twilio": {
        "call_id": "sid",
        "parent_call_id": "parent_call_sid",
        "provider_status": "status",
        "started_at": "started_at",
        "ended_at": "end_time",
        "duration_seconds": "duration",
        "currency": "price_unit",
    },
    "retell": {
        "call_id": "call_id",
        "provider_status": "call_status",
        "agent_id": "agent_id",
        "agent_name": "agent_name",
        "agent_version": "agent_version",
        "started_at": "started_at",
    },
    "elevenlabs": {
        "call_id": "conversation_id",
        "provider_status": "status",
        "agent_id": "agent_id",
        "agent_name": "agent_name",
        "agent_version": "version_id",
        "started_at": "started_at",
        "language": "main_language",
    },
    "vapi": {
        "call_id": "id",
        "provider_status": "status",
        "agent_id": "assistantId",
        "ended_at": "endedAt",
        "updated_at": "updatedAt",
        "cost": "cost",
        "cost_llm": "costBreakdown.llm",
        "cost_tts": "costBreakdown.tts",
        "cost_stt": "costBreakdown.stt",
        "cost_telephony": "costBreakdown.transport",
        "cost_platform": "costBreakdown.vapi",
    },
}
_BY_HAND = set(_FIELDS)
_FIELDS |= {
    provider: dict(registry.call_fields(provider))
    for provider in registry.providers_beyond(_BY_HAND)
}
# What the simulated APIs of further providers say of them.
_APIS = {provider: registry.api_of(provider) for provider in registry.providers_beyond(_BY_HAND)}
_RECORDINGS = {"voicy": ["transcript"], "ovia": ["transcript", "transcript_objects"]}
_UNTOLD = {
    **dict.fromkeys(("direction", "status", "channel"), "unknown"),
    **dict.fromkeys(("from_number", "to_number")),
}
_WITHHELD = {"voicy", "burki", "ovia", "retell", "vapi"}
_IDS = {"call_id", "agent_id", "agent_version"}
_VONAGE_CHANNELS = {"web": "app"}
# No field of theirs tells it.
_NO_DIRECTION = {"VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL"}
_NO_REASON = {"IN-APP-VOICE", "WEBSOCKET-CALL"}


def calls(served: Simulator, providers: Iterable[str] = CALLS_FROM) -> Iterator[Row]:
    """Yield the row that each call must become; a `call_id` of None is any hash."""
    for provider in providers:
        stream, *_ = CALLS_FROM[provider]
        made = {key: call for call in served.world.calls(provider) for key in _keys(provider, call)}
        for row in rows(served, stream):
            key = row[_FIELDS[provider]["call_id"]]
            # A call of Telnyx goes by its session; the simulated one by what its SDK names it.
            call = made.get(str(key)) or made.get(row.get("call_id")) or made[_tie(row)]
            meant = _meant(provider, row, call)
            end = end_of(provider, row, meant["status"])
            yield _told(provider, stream, row) | meant | end


def _keys(provider: str, call: Call) -> tuple[object, object]:
    """Return what finds a call: its key, and where the provider leaves that out what is left."""
    number, agent = call.to_number or "", call.agent.key if call.agent else None
    bare = call.key.replace("-", "")
    keys = {"burki": str(call.number), "twilio": f"CA{bare}", "elevenlabs": f"conv_{bare}"}
    return keys.get(provider, call.key), (call.start, number, agent)


def _tie(row: Row) -> object:
    return row["started_at"], row["to_number"], row["agent_id"]


def _told(provider: str, stream: str, row: Row) -> Row:
    """Return what the provider's own row tells."""
    told: Row = dict.fromkeys(schema("calls")["properties"])
    told |= {"provider": provider, "account": row["account"], "stream": stream}
    told |= {name: _part(row, path) for name, path in _FIELDS[provider].items()}
    told |= {name: str(told[name]) for name in _IDS if told[name] is not None}
    told["agent_name"] = told["agent_name"] or None
    if fields := _RECORDINGS.get(provider):
        told["has_recording"] = bool(row["recording_url"])
        told["has_transcript"] = any(_is_said(row[name]) for name in fields)
    if provider == "voicy" and row["duration_ms"] is not None:
        told["duration_seconds"] = row["duration_ms"] / Decimal(1000)
        length = timedelta(microseconds=int(row["duration_ms"] * 1000))
        told["ended_at"] = row["started_at"] + length
    return told


def _is_said(transcript: Any) -> bool:  # noqa: ANN401 - a text, or turns
    if isinstance(transcript, list):
        return any(turn and (turn.get("content") or "").strip() for turn in transcript)
    return bool(transcript and transcript.strip())


def _part(row: Row, path: str) -> Any:  # noqa: ANN401 - any column's value
    name, _, inner = path.partition(".")
    value = row[name]
    return value and value[inner] if inner else value


def _meant(provider: str, row: Row, call: Call) -> Row:
    """Return what the simulated call was, as far as the provider has words for it."""
    meant: Row = {
        "direction": call.direction,
        "status": _status(call, row),
        "channel": call.channel,
        "from_number": None if _is_withheld(provider, call) else call.from_number,
        "to_number": call.to_number,
    }
    if peculiar := _PECULIAR.get(provider):
        meant |= peculiar(row, call)
    withheld = _is_withheld(provider, call)
    meant["from_withheld"] = None if meant["from_number"] is None and not withheld else withheld
    if api := _APIS.get(provider):
        word = str(_part(row, api.call_fields["provider_status"]))
        told = {name: meant[name] for name in api.reported_fields}
        return _UNTOLD | told | {"status": api.call_statuses.get(word, "unknown")}
    return meant


def _is_withheld(provider: str, call: Call) -> bool:
    """Whether the API tells a word for nobody in place of the caller's number."""
    return provider in _WITHHELD and call.shown_from != call.from_number


def _status(call: Call, row: Row) -> str:
    if row.get("status") in {"ongoing", "in_progress"}:
        return "in_progress"
    if row.get("call_status") in {"initiated", "ringing", "ongoing"}:
        return "in_progress"
    return "completed" if call.answered else call.outcome


def _vonage(row: Row, call: Call) -> Row:
    peculiar: Row = {"channel": _VONAGE_CHANNELS.get(call.channel, call.channel)}
    if row["product"] in _NO_DIRECTION:
        peculiar["direction"] = "unknown"
    if row["product"] in _NO_REASON and not call.answered:
        peculiar["status"] = "failed"
    return peculiar


def _telnyx(_: Row, __: Call) -> Row:
    return {"status": "unknown", "channel": "web"}


def _burki(row: Row, call: Call) -> Row:
    # The server marks the calls that it makes, and no others.
    peculiar: Row = {"direction": call.direction if call.direction == "outbound" else "unknown"}
    if not call.customer_number and not call.business_number:
        peculiar["channel"] = "unknown"
    if row["status"] == "failed":
        peculiar["status"] = "failed"
    return peculiar


def _twilio(row: Row, call: Call) -> Row:
    cost = None if row["price"] is None else -row["price"]
    in_progress = {"status": "in_progress"} if row["status"] == "in-progress" else {}
    return in_progress | {
        "channel": "phone" if call.customer_number else "web",
        "from_number": row["from"],
        "to_number": row["to"],
        "cost": cost,
        "cost_telephony": cost,
    }


def _retell(row: Row, call: Call) -> Row:
    cost, ended = row["call_cost"], row["end_timestamp"]
    parts = defaultdict[str, Decimal](Decimal)
    for product in (cost or {}).get("product_costs", []):
        if not product.get("is_transfer_leg_cost"):
            parts[product["product"]] += product["cost"] / 100
    names = {
        "cost_llm": "gpt_4_1",
        "cost_tts": "elevenlabs_tts",
        "cost_telephony": "us_twilio_telephony",
        "cost_platform": "retell_voice_engine",
    }
    is_web = call.channel == "web"
    return {name: parts[product] if cost else None for name, product in names.items()} | {
        "cost": cost and cost["combined_cost"] / 100,
        "currency": cost and "USD",
        "direction": "unknown" if is_web else call.direction,
        "from_number": row["from_number"] if call.shown_from == call.from_number else None,
        "to_number": row["to_number"],
        "status": _RETELL.get(call.outcome, "completed") if ended else "in_progress",
        "duration_seconds": None if ended is None else row["duration_ms"] / Decimal(1000),
        "ended_at": None if ended is None else EPOCH + timedelta(milliseconds=int(ended)),
    }


def _elevenlabs(row: Row, call: Call) -> Row:
    """Return what the list tells; the numbers and the cost are in the details."""
    length = int(row["call_duration_secs"]) if row["status"] in {"done", "failed"} else None
    source = row["conversation_initiation_source"]
    return {
        "direction": call.direction if call.channel == "phone" else "unknown",
        "status": {"done": "completed", "failed": "failed"}.get(row["status"], "in_progress"),
        "channel": {"twilio": "phone", "sip_trunk": "sip"}.get(source, "web"),
        "from_number": None,
        "to_number": None,
        "duration_seconds": length,
        "ended_at": None if length is None else row["started_at"] + timedelta(seconds=length),
    }


def _vapi(row: Row, call: Call) -> Row:
    is_web, started, ended = call.channel == "web", row["startedAt"], row["endedAt"]
    artifact = row["artifact"] or {}
    outcomes = {"inactivity": "completed", "failed": "failed"}
    activations = artifact.get("assistantActivations") or [{}]
    return {
        "direction": "unknown" if is_web else call.direction,
        "status": outcomes.get(call.outcome, call.outcome) if ended else "in_progress",
        "from_number": None if is_web or _is_withheld("vapi", call) else call.from_number,
        "to_number": None if is_web else call.to_number,
        "started_at": started or row["createdAt"],
        "duration_seconds": None
        if not (started and ended)
        else Decimal((ended - started) // timedelta(microseconds=1)).scaleb(-6),
        "currency": None if row["cost"] is None else "USD",
        "agent_name": activations[0].get("assistantName") or row["assistant"]["name"],
        "has_recording": bool(artifact.get("recordingUrl")) if ended else None,
        "has_transcript": bool(artifact.get("messages")),
    }


_RETELL = {"busy": "busy", "no_answer": "no_answer", "failed": "failed", "canceled": "failed"}
_PECULIAR = {
    "vonage": _vonage,
    "telnyx": _telnyx,
    "burki": _burki,
    "twilio": _twilio,
    "retell": _retell,
    "elevenlabs": _elevenlabs,
    "vapi": _vapi,
}
