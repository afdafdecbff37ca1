"""Vonage: its records as calls."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from sent_records import EMPTY_CALL, Reader

from tap_voicecalls.providers.vonage import VonageVoiceReports, normalize

if TYPE_CHECKING:
    from collections.abc import Callable

read = Reader(VonageVoiceReports)


def call_of(**sent: object) -> dict[str, object]:
    """Return the fields of the call made from a record."""
    return msgspec.structs.asdict(normalize(read(json.dumps({"id": "r-1", **sent}))))


def test_a_voice_call() -> None:
    """Each field comes from the documented one, and money keeps its digits."""
    record = read("""{
        "account_id": "abcd1234", "id": "6a3f", "call_id": "leg-1", "direction": "outbound",
        "from": "12025550101", "forced_from": "12025550102", "to": "447700900123",
        "network": "23415", "network_name": "Example Mobile", "country": "GB",
        "country_name": "United Kingdom", "date_start": "2026-01-05T08:13:22+0000",
        "date_end": "2026-01-05T08:14:27+0000", "duration": "65", "status": "ANSWERED",
        "status_code": "200", "status_description": "OK", "currency": "EUR",
        "price": "0.01320000", "total_price": "0.01430000", "tier_volume": null,
        "product": "VOICE-CALL"
    }""")

    assert msgspec.structs.asdict(normalize(record)) == EMPTY_CALL | {
        "provider": None,
        "account": None,
        "call_id": "6a3f",
        "stream": None,
        "direction": "outbound",
        "status": "completed",
        "provider_status": "ANSWERED",
        "channel": "phone",
        "from_number": "+12025550101",
        "from_withheld": False,
        "to_number": "+447700900123",
        "agent_id": None,
        "agent_name": None,
        "started_at": "2026-01-05T08:13:22.000000Z",
        "ended_at": "2026-01-05T08:14:27.000000Z",
        "duration_seconds": 65,
        "cost": Decimal("0.01430000"),
        "cost_llm": None,
        "cost_tts": None,
        "cost_stt": None,
        "cost_telephony": None,
        "currency": "EUR",
        "has_recording": None,
        "end_reason": "completed",
        "provider_end_reason": "200",
        "has_transcript": None,
    }


def test_a_call_of_the_first_generation() -> None:
    """The price that the user pays is not mixed with the cost beside it, and it is in euro."""
    record = read("""{
        "id": "7b40", "account_id": "abcd1234", "application_id": "app-1",
        "conversation_id": "CON-1", "call_id": "leg-2", "start_time": "2018-05-01T10:00:00Z",
        "end_time": "2018-05-01T10:02:00.500Z", "duration": "120.5", "from": "12025550101",
        "to": "sip:alice@pbx.example.com", "cost": "0.005", "total_cost": "0.010",
        "price": "0.007", "total_price": "0.014", "direction": "mt", "network": "US-FIXED",
        "status": "completed", "product": 5, "country": "US"
    }""")

    assert msgspec.structs.asdict(normalize(record)) == EMPTY_CALL | {
        "provider": None,
        "account": None,
        "call_id": "7b40",
        "stream": None,
        "direction": "outbound",
        "status": "completed",
        "provider_status": "completed",
        "channel": "sip",
        "from_number": "+12025550101",
        "from_withheld": False,
        "to_number": "sip:alice@pbx.example.com",
        "agent_id": None,
        "agent_name": None,
        "started_at": "2018-05-01T10:00:00.000000Z",
        "ended_at": "2018-05-01T10:02:00.500000Z",
        "duration_seconds": Decimal("120.5"),
        "cost": Decimal("0.014"),
        "cost_llm": None,
        "cost_tts": None,
        "cost_stt": None,
        "cost_telephony": None,
        "currency": "EUR",
        "has_recording": None,
        "end_reason": "completed",
        "has_transcript": None,
    }


def test_the_cost_of_the_first_generation_is_not_the_price() -> None:
    """Without its price a record has no cost: another amount would go into the sum unseen."""
    assert call_of(product="5", total_cost="0.010", cost="0.005", price="0.007")["cost"] is None


@pytest.mark.parametrize("spelt", [str, str.upper, " {} ".format])
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("started", "in_progress"),
        ("ringing", "in_progress"),
        ("answered", "completed"),
        ("machine", "completed"),
        ("completed", "completed"),
        ("timeout", "no_answer"),
        ("unanswered", "no_answer"),
        ("failed", "failed"),
        ("rejected", "failed"),
        ("cancelled", "canceled"),
        ("canceled", "canceled"),
        ("busy", "busy"),
        ("ok", "completed"),
        ("error", "failed"),
        ("200", "completed"),
        ("404", "unknown"),
        ("paused", "unknown"),
    ],
)
def test_each_status(word: str, expected: str, spelt: Callable[[str], str]) -> None:
    """Documented statuses are mapped; others stay unknown, with the provider's status."""
    call = call_of(status=spelt(word))

    assert (call["status"], call["provider_status"]) == (expected, spelt(word))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("486", "busy"),
        ("600", "busy"),
        ("408", "no_answer"),
        ("480", "no_answer"),
        ("487", "canceled"),
        ("503", "failed"),
        ("603", "failed"),
        ("", "failed"),
        (None, "failed"),
    ],
)
def test_the_status_code_maps_failed_calls(code: str | None, expected: str) -> None:
    """Busy lines are counted at Vonage as well, where the status of all failures is one word."""
    call = call_of(product="VOICE-FAILED", status="FAILED", status_code=code)

    assert (call["status"], call["provider_status"]) == (expected, "FAILED")


def test_the_status_code_of_a_call_that_did_not_fail_is_ignored() -> None:
    """A code is looked at only where the status leaves open what happened."""
    assert call_of(status="completed", status_code="486")["status"] == "completed"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("inbound", "inbound"),
        ("outbound", "outbound"),
        ("mo", "inbound"),
        ("mt", "outbound"),
        ("MT", "outbound"),
        ("sideways", "unknown"),
    ],
)
def test_each_direction(word: str, expected: str) -> None:
    """What a mobile originated came in: the two are not swapped."""
    assert call_of(direction=word)["direction"] == expected


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ("VOICE-CALL", "phone"),
        ("VOICE-FAILED", "phone"),
        ("VOICE-TTS", "tts"),
        ("IN-APP-VOICE", "app"),
        ("WEBSOCKET-CALL", "websocket"),
        ("ASR", "unknown"),
        ("AMD", "unknown"),
        ("SIP", "phone"),
        ("TTS", "tts"),
        ("5", "phone"),
        ("VIDEO", "unknown"),
        (None, "unknown"),
    ],
)
def test_each_product(product: str | None, expected: str) -> None:
    """Products are mapped to channels; others are unknown."""
    assert call_of(product=product)["channel"] == expected


@pytest.mark.parametrize(
    ("product", "address", "expected"),
    [
        ("VOICE-CALL", "sip:alice@pbx.example.com", "sip"),
        ("VOICE-FAILED", "wss://bot.example.com", "websocket"),
        ("ASR", "sip:alice@pbx.example.com", "sip"),
        ("VOICE-TTS", "sip:alice@pbx.example.com", "tts"),
        ("IN-APP-VOICE", "sip:alice@pbx.example.com", "app"),
        ("VOICE-CALL", "alice", "phone"),
    ],
)
@pytest.mark.parametrize("end", ["from", "to"])
def test_the_address_decides_the_channel_of_mixed_products(
    product: str, address: str, expected: str, end: str
) -> None:
    """A call to a SIP address is no phone call, while a product of one channel stays that."""
    assert call_of(product=product, **{end: address})["channel"] == expected


def test_only_the_first_generation_gets_a_default_currency() -> None:
    """Only the first generation's euro is a documented one."""
    assert call_of(product="VOICE-CALL", total_price="0.01")["currency"] is None
    assert call_of(product="5", currency="usd")["currency"] == "USD"
