"""Sums of exact numbers are exact: Python's own operators round to 28 digits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sent_records import Reader

from tap_voicecalls.calls.normalized import Normalizer
from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.telnyx import TelnyxDetailRecords, normalize
from tap_voicecalls.providers.telnyx.sessions import Sessions
from tap_voicecalls.providers.voicy import VoicyCalls
from tap_voicecalls.providers.voicy import normalize as voicy_call
from tap_voicecalls.records.exact import add, subtract
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.rows.row import Row

if TYPE_CHECKING:
    from tap_voicecalls.calls.call import Call

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
detail_record = Reader(TelnyxDetailRecords)

NORMALIZE = Normalizer("telnyx", TelnyxDetailRecords.name, normalize)


def session(*costs: tuple[str, str]) -> Call:
    """Return the call that is made of detail records with these costs."""
    rows = []
    for number, (cost, currency) in enumerate(costs):
        fields = {
            "id": str(number),
            "record_type": "webrtc",
            "telnyx_session_id": "s",
            "started_at": START.isoformat(),
        }
        record = detail_record(json.dumps(fields | {"cost": cost, "currency": currency}))
        record.account = "default"
        key = ("default", "webrtc", record.id)
        rows.append(Row(record.started_at, key, "", "", encode(record), NORMALIZE(record)))
    (item,) = Sessions(DAY).add(rows, DAY.end, rows)
    assert item.call is not None
    return item.call


@pytest.mark.parametrize(
    ("costs", "total"),
    [
        (("1.1", "0.3333333333333333333333333333333"), "1.4333333333333333333333333333333"),
        (("12345678901234.1", "1E-20"), "12345678901234.10000000000000000001"),
        (("9" * 40, "1"), "1" + "0" * 40),
    ],
)
def test_a_session_costs_the_sum_to_the_last_digit(costs: tuple[str, ...], total: str) -> None:
    """Rounded sums do not add up to what the provider charges."""
    call = session(*((cost, "USD") for cost in costs))

    assert str(call.cost) == str(Decimal(total))


def test_a_refund_does_not_hide_another_currency() -> None:
    """Costs that add up to zero in between are still in their currency."""
    call = session(("0.5", "USD"), ("-0.5", "USD"), ("1", "EUR"))

    assert (call.cost, call.currency) == (None, None)


def test_numbers_of_any_size_add_up() -> None:
    """A very large number does not make a very small one lose its digits."""
    large, small = Decimal("1E+300"), Decimal("1E-300")

    assert subtract(add(large, small), large) == small


def test_a_duration_between_two_times_keeps_its_digits() -> None:
    """Milliseconds with a long fraction are not rounded."""
    fields = {
        "call_id": "1",
        "start_timestamp": Decimal(1767225600000),
        "end_timestamp": "1767225630000.12345678901234567890",
    }
    call = voicy_call(Reader(VoicyCalls)(json.dumps(fields, default=int)))

    assert str(call.duration_seconds) == "30.00012345678901234567890"
