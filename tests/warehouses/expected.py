"""What each table must hold of what an API sends: by the docs, and without the tap's own code."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from properties.truth import ALL_PRODUCTS, moment
from registry import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_voicecalls.simulator import Simulator

Row = dict[str, Any]
Field = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder(decimal_format="number").encode
# Halves of surrogate pairs, and NUL: no database of text holds them.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_WITH_SECRETS = {"retell", "vapi", "elevenlabs"}
_SECRETS = {"access_token", "headers", "listenUrl"}
_MOVED = {"voicy_calls": {"account": "voicy_account"}}
_MOVED["voicy_call_details"] = _MOVED["voicy_calls"]


def rows(served: Simulator, stream: str) -> Iterator[Row]:
    """Yield the row that each record of a stream must become; an `id` of None is any hash."""
    for sent, told in _records(served, stream):
        yield _row(stream, json.loads(_encode(sent), parse_float=Decimal), told)


def _records(served: Simulator, stream: str) -> Iterator[tuple[Row, Row]]:
    """Yield what the API sends, each with what is told by the question that was asked."""
    if stream == "vonage_voice_reports":
        for product in ALL_PRODUCTS:
            for sent in served.records(stream, products=[product]):
                yield {name: value or None for name, value in sent.items()}, {"product": product}
        return
    told: Row = {"record_type": "webrtc"} if stream == "telnyx_detail_records" else {}
    fields = schema(stream)["properties"]
    starts = _starts(served) if "call_started_at" in fields else None
    conversations = _conversations(served) if "conversation_created_at" in fields else None
    for sent in served.records(stream):
        if starts:
            told = {"call_started_at": starts[sent["call_id"]]}
        if conversations:
            told = conversations[sent["conversation_id"]]
        yield sent, told


def _starts(served: Simulator) -> dict[object, object]:
    """Return the start of each call of Burki."""
    return {call["id"]: call["started_at"] for call in served.records("burki_calls")}


def _conversations(served: Simulator) -> dict[object, Row]:
    """Return what the messages and insights of each conversation of Telnyx repeat."""
    return {
        one["id"]: {
            "conversation_created_at": one["created_at"],
            "last_message_at": one["last_message_at"],
            **_conversation(one),
        }
        for one in served.records("telnyx_ai_conversations")
    }


def _row(stream: str, sent: Row, told: Row) -> Row:
    moved = _MOVED.get(stream, {})
    if stream.partition("_")[0] in _WITH_SECRETS:
        sent = _without_secrets(sent)
    sent = {moved.get(name, name): value for name, value in sent.items()}
    properties = schema(stream)["properties"]
    known = _ADDED.get(stream, _nothing)(sent) | told
    row = {name: held(field, known.get(name, sent.get(name))) for name, field in properties.items()}
    return row | {"account": "default", "additional_fields": _beyond(properties, sent) or None}


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    """Replace what the simulated calls have of secrets, as the docs say."""
    match value:
        case dict():
            return {
                name: "[removed: secret]" if name in _SECRETS else _without_secrets(part)
                for name, part in value.items()
            }
        case list():
            return [_without_secrets(part) for part in value]
        case _:
            return value


@cache
def schema(stream: str) -> dict[str, Any]:
    """Read a stream's schema."""
    return schema_of(stream)


def kinds(field: Field) -> set[str]:
    """Name the types of a field, but for null."""
    declared = field.get("type", [])
    return {declared} - {"null"} if isinstance(declared, str) else set(declared) - {"null"}


def held(field: Field, value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    """Return what a field must hold of a value, by the field's schema."""
    if field.get("format") == "date-time":
        return moment(value) if value and not stands_for_no_time(value) else None
    if kinds(field) and kinds(field) <= {"number", "integer"}:
        return None if value in {None, ""} else Decimal(str(value))
    if kinds(field) == {"string"}:
        return None if value is None else text(str(value))
    if isinstance(value, dict) and "properties" in field:
        return {name: held(inner, value.get(name)) for name, inner in field["properties"].items()}
    if isinstance(value, list):
        return [_item(field.get("items", {}), item) for item in value]
    return _as_it_is(value)


def stands_for_no_time(value: str) -> bool:
    """Tell whether a time is the zero of some calendar, or before any call: the docs say when."""
    return moment(value) < datetime(1970, 1, 2, tzinfo=UTC)


def _item(field: Field, item: Any) -> Any:  # noqa: ANN401 - JSON is any value
    """Return what becomes of an object in a list, which keeps the fields that nobody declared."""
    properties = field.get("properties", {})
    if not properties or not isinstance(item, dict):
        return _as_it_is(item)
    return {text(name): held(properties.get(name, {}), value) for name, value in item.items()}


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    match value:
        case dict():
            return {text(name): _as_it_is(part) for name, part in value.items()}
        case list():
            return [_as_it_is(part) for part in value]
        case str():
            return text(value)
        case _:
            return value


def text(value: str) -> str:
    """Return a text as a database can hold it."""
    return _UNSTORABLE.sub("\ufffd", value)


def _beyond(properties: Mapping[str, Field], sent: Row) -> Row:
    """Return what no field is declared for."""
    found = {}
    for name, value in sent.items():
        inner = properties.get(name, {}).get("properties")
        odd = properties.get(name, {}).get("format") == "date-time" and value
        if name not in properties or (odd and stands_for_no_time(value)):
            found[text(name)] = _as_it_is(value)
        elif inner and isinstance(value, dict) and (rest := _beyond(inner, value)):
            found[name] = rest
    return found


# What the docs say that the tap adds --------------------------------------------------------


def _vonage(sent: Row) -> Row:
    times = {"start_time": "date_start", "end_time": "date_end"}
    return {name: sent.get(name) or sent.get(other) for name, other in times.items()}


def _voicy(sent: Row) -> Row:
    if sent["start_timestamp"] is None:
        return {}
    return {"started_at": (EPOCH + timedelta(milliseconds=sent["start_timestamp"])).isoformat()}


def _report(sent: Row) -> Row:
    stored = sent.get("stored_at") or sent.get("created_at")
    return {"segment": sent.get("segment") or 0, "stored_at": stored}


def _conversation(sent: Row) -> Row:
    told = sent["metadata"]
    is_call = told["telnyx_conversation_channel"] in {"phone_call", "web_call"}
    return {"call_id": told["call_session_id"] if is_call else None}


def _ovia(sent: Row) -> Row:
    return {"id": sent.get("id") or (sent.get("metadata") or {}).get("call_id_full")}


def _twilio(sent: Row) -> Row:
    return {"started_at": sent["start_time"] or sent["date_created"]}


def _elevenlabs(sent: Row) -> Row:
    start = (sent.get("metadata") or sent)["start_time_unix_secs"]
    return {"started_at": (EPOCH + timedelta(seconds=start)).isoformat()}


def _nothing(_: Row) -> Row:
    return {}


_ADDED: dict[str, Callable[[Row], Row]] = {
    "vonage_voice_reports": _vonage,
    "voicy_calls": _voicy,
    "voicy_call_details": _voicy,
    "telnyx_call_reports": _report,
    "telnyx_ai_conversations": _conversation,
    "ovia_calls": _ovia,
    "twilio_calls": _twilio,
    "elevenlabs_conversations": _elevenlabs,
    "elevenlabs_conversation_details": _elevenlabs,
    "retell_calls": _voicy,
    "retell_call_details": _voicy,
}
