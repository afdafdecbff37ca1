"""One call a session, however many records it has and in however many windows they come."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sent_records import Reader

from tap_voicecalls.calls.normalized import Normalizer
from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.telnyx import TelnyxDetailRecords, normalize
from tap_voicecalls.providers.telnyx.sessions import LONGEST_CALL, Sessions
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.rows.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.normalized import Normalized

START = datetime(2026, 1, 5, tzinfo=UTC)
NOON = START + timedelta(hours=12)
BOUNDS = Window(START, START + timedelta(days=2))
read = Reader(TelnyxDetailRecords)

NORMALIZE = Normalizer("telnyx", TelnyxDetailRecords.name, normalize)


def row(kind: str, at: datetime = NOON, **sent: Any) -> Row:  # noqa: ANN401 - a record's fields
    """Make the row of a record of the session s."""
    fields = {
        "id": f"{kind}-1",
        "record_type": kind,
        "telnyx_session_id": "s",
        "started_at": at.isoformat(),
        "currency": "USD",
        **sent,
    }
    record = read(json.dumps(fields))
    record.account = "default"
    key = ("default", record.record_type, record.id)
    return Row(record.started_at, key, "", "", encode(record), NORMALIZE(record))


def calls_of(rows: Iterable[Row]) -> list[Call]:
    """Return the calls of rows that are read in one go."""
    rows = list(rows)
    return called(Sessions(BOUNDS).add(rows, BOUNDS.end, rows))


def called(items: Iterable[Normalized]) -> list[Call]:
    """Return the calls."""
    return [item.call for item in items if item.call is not None]


def test_costs_of_a_session_add_up_exactly() -> None:
    """A cost that is lost, or added as a float, makes every sum over `calls` wrong."""
    rows = [
        row("webrtc", cost="0.0010", call_sec=60),
        row("sip-trunking", cost="0.0401", call_sec=56, connected=1),
        row("text-to-speech", cost="1.666E-4"),
        row("recording", telnyx_session_id=None, call_session_id="s", cost="0.0005"),
        row("conference", cost=None, currency=None),
    ]

    (call,) = calls_of(rows)

    assert (call.call_id, call.cost, call.currency) == ("s", Decimal("0.0417666"), "USD")
    assert (call.status, call.duration_seconds, call.channel) == ("completed", 56, "web")


def test_the_order_of_records_does_not_matter() -> None:
    """A call that depends on which page came first changes from run to run."""
    second = timedelta(seconds=1)
    rows = [
        row("webrtc", NOON, cost="1", cli="+12025550101", call_sec=61),
        row("sip-trunking", NOON + second, cost="2", cld="+12025550102", call_sec=59),
        row("sip-trunking", NOON + 40 * second, id="b-leg", cost="3", call_sec=10),
        row("stt", NOON, cost="4"),
    ]

    found = {msgspec.json.encode(calls_of(order)) for order in permutations(rows)}

    (body,) = found
    (call,) = json.loads(body)
    assert (call["from_number"], call["to_number"]) == ("+12025550101", "+12025550102")
    assert call["duration_seconds"] == 59
    assert call["started_at"] == "2026-01-05T12:00:00.000000Z"


def test_a_later_leg_does_not_describe_the_call() -> None:
    """A transfer's leg tells neither who called nor how long the call was."""
    transfer: dict[str, Any] = {
        "direction": "outbound",
        "cld": "+12025550103",
        "call_sec": 30,
        "cost": "0.1",
    }
    inbound: dict[str, Any] = {
        "direction": "inbound",
        "cld": "+12025550102",
        "call_sec": 300,
        "cost": "0.2",
    }
    later = NOON + timedelta(minutes=4)

    (call,) = calls_of([row("sip-trunking", later, **transfer), row("call-control", **inbound)])

    assert (call.direction, call.to_number, call.duration_seconds) == (
        *("inbound", "+12025550102"),
        300,
    )
    assert call.cost == Decimal("0.3")


def test_currencies_are_never_added() -> None:
    """A dollar and a euro are no two of anything: the cost is null, and the call is named."""
    sessions = Sessions(BOUNDS)
    rows = [row("webrtc", cost="1"), row("stt", cost="1", currency="EUR"), row("tts", cost="0")]

    (call,) = called(sessions.add(rows, BOUNDS.end, rows))

    assert (call.cost, call.currency, sessions.mixed) == (None, None, {"s"})


@pytest.mark.parametrize("free", ["EUR", None])
def test_a_free_service_does_not_affect_the_currency(free: str | None) -> None:
    """A service at no cost does not make the cost of the call unknown."""
    (call,) = calls_of([row("stt", cost="0", currency=free), row("webrtc", cost="0.5")])

    assert (call.cost, call.currency) == (Decimal("0.5"), "USD")


def test_a_session_without_a_leg_is_not_a_call() -> None:
    """A recording whose call is not among the record types must not count as a call."""
    assert calls_of([row("recording", cost="1"), row("amd", cost="1")]) == []


def test_a_session_in_two_windows_is_written_again_with_all_records() -> None:
    """A record after midnight adds to what came before it: the later row of a key holds all."""
    sessions = Sessions(BOUNDS)
    midnight = START + timedelta(days=1)
    early = [row("webrtc", midnight - timedelta(minutes=1), cost="1")]
    late = [row("text-to-speech", midnight + timedelta(minutes=1), cost="2")]

    (first,) = called(sessions.add(early, midnight, early))
    (second,) = called(sessions.add(late, midnight + LONGEST_CALL, late))

    assert (first.cost, second.cost) == (1, 3)
    assert first.started_at == second.started_at


def test_a_record_on_the_border_of_two_windows_counts_once() -> None:
    """A server whose filter ends inclusively shows a record twice, and charges for it once."""
    sessions = Sessions(BOUNDS)
    rows, more = [row("webrtc", cost="1")], [row("webrtc", cost="1"), row("stt", cost="2")]

    sessions.add(rows, NOON, rows)
    (call,) = called(sessions.add(more, NOON + LONGEST_CALL, more))

    assert call.cost == 3


def test_a_session_belongs_to_the_time_of_its_start() -> None:
    """Two shards that both tell a session at their border would overwrite each other."""
    before = row("webrtc", START - timedelta(minutes=1), cost="1")
    within = row("sip-trunking", START + timedelta(minutes=1), cost="2")
    after = row("webrtc", BOUNDS.end, id="next", telnyx_session_id="t", cost="1")

    assert calls_of([before, within, after]) == []


def test_old_sessions_are_forgotten() -> None:
    """Memory that grows with the history would end a backfill of years."""
    sessions = Sessions(Window(START, START + timedelta(days=1000)))
    for day in range(300):
        at = START + timedelta(days=day)
        rows = [row("webrtc", at, id=f"{day}-{n}", telnyx_session_id=f"{day}-{n}") for n in (1, 2)]
        assert len(sessions.add(rows, at + timedelta(days=1), rows)) == 2

    assert sessions.held <= 6
