"""Burki: its calls in the words of all providers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest
from sent_records import EMPTY_CALL, Reader

from tap_voicecalls.providers.burki import BurkiCalls, normalize

if TYPE_CHECKING:
    from collections.abc import Callable

read = Reader(BurkiCalls)

CUSTOMER, LINE = "+12025550123", "+12025550199"


def call_of(**sent: object) -> dict[str, object]:
    """Return the fields of the call made from a record."""
    return msgspec.structs.asdict(normalize(read(json.dumps({"id": 1, **sent}))))


def test_a_call() -> None:
    """Each field comes from the documented one, and each part of the cost is its own."""
    record = read("""{
        "id": 4711, "call_sid": "CA01", "assistant_id": 12, "assistant_name": "Night desk",
        "flow_name": "Triage", "to_phone_number": "+12025550199",
        "customer_phone_number": "+1 202-555-0123", "status": "completed", "duration": 65,
        "started_at": "2026-01-05T08:13:22", "ended_at": "2026-01-05T08:14:27Z",
        "call_meta": {"campaign": "spring"}, "total_cost": 0.1234, "llm_cost": 0.0500,
        "tts_cost": 0.04, "stt_cost": 0.0134, "telephony_cost": 0.02, "cost_currency": "USD"
    }""")

    assert msgspec.structs.asdict(normalize(record)) == EMPTY_CALL | {
        "provider": None,
        "account": None,
        "call_id": "4711",
        "stream": None,
        "direction": "unknown",
        "status": "completed",
        "provider_status": "completed",
        "channel": "phone",
        "from_number": "+12025550123",
        "from_withheld": False,
        "to_number": "+12025550199",
        "agent_id": "12",
        "agent_name": "Night desk",
        "started_at": "2026-01-05T08:13:22.000000Z",
        "ended_at": "2026-01-05T08:14:27.000000Z",
        "duration_seconds": 65,
        "cost": Decimal("0.1234"),
        "cost_llm": Decimal("0.0500"),
        "cost_tts": Decimal("0.04"),
        "cost_stt": Decimal("0.0134"),
        "cost_telephony": Decimal("0.02"),
        "currency": "USD",
        "has_recording": None,
        "end_reason": "completed",
        "carrier_call_id": "CA01",
        "has_transcript": None,
    }


@pytest.mark.parametrize("spelt", [str, str.upper, " {} ".format])
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ongoing", "in_progress"),
        ("completed", "completed"),
        ("failed", "failed"),
        ("paused", "unknown"),
    ],
)
def test_each_status(word: str, expected: str, spelt: Callable[[str], str]) -> None:
    """Documented statuses are mapped; others stay unknown, with the provider's status."""
    call = call_of(status=spelt(word))

    assert (call["status"], call["provider_status"]) == (expected, spelt(word))


@pytest.mark.parametrize(
    ("meta", "direction", "caller", "callee"),
    [
        (None, "unknown", CUSTOMER, LINE),
        ({}, "unknown", CUSTOMER, LINE),
        ({"direction": "inbound"}, "inbound", CUSTOMER, LINE),
        ({"direction": " Incoming"}, "inbound", CUSTOMER, LINE),
        ({"direction": "outbound"}, "outbound", LINE, CUSTOMER),
        ({"tags": [{"a": 1}], "direction": "OUTGOING"}, "outbound", LINE, CUSTOMER),
        ({"direction": "north"}, "unknown", CUSTOMER, LINE),
        ({"direction": None}, "unknown", CUSTOMER, LINE),
        ({"direction": 1}, "unknown", CUSTOMER, LINE),
        ({"direction": {"direction": "outbound"}}, "unknown", CUSTOMER, LINE),
        ({"route": {"direction": "outbound"}}, "unknown", CUSTOMER, LINE),
        ({"note": "direction"}, "unknown", CUSTOMER, LINE),
    ],
)
def test_the_metadata_may_hold_the_direction(
    meta: object, direction: str, caller: str, callee: str
) -> None:
    """The user's own key, and no other, tells who called; else the line is what was called."""
    call = call_of(call_meta=meta, customer_phone_number=CUSTOMER, to_phone_number=LINE)

    assert call["direction"] == direction
    assert (call["from_number"], call["to_number"]) == (caller, callee)


def test_a_huge_number_in_the_metadata_does_not_hide_the_direction() -> None:
    """A number that no Decimal can hold does not prevent reading the direction."""
    record = read('{"id": 1, "call_meta": {"n": 1e99999999999999999999, "direction": "outbound"}}')

    assert normalize(record).direction == "outbound"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({}, "unknown"),
        ({"customer_phone_number": "", "to_phone_number": None}, "unknown"),
        ({"customer_phone_number": CUSTOMER}, "phone"),
        ({"to_phone_number": LINE}, "phone"),
    ],
)
def test_a_call_with_a_number_is_a_phone_call(numbers: dict[str, str], expected: str) -> None:
    """A call without a phone is not counted as a phone call."""
    assert call_of(**numbers)["channel"] == expected
