"""Records of Vonage without an id: each is written once, also if it changes later."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from properties.warehouse import Warehouse
from scripted_vonage import STREAM, Record, page, record, serve, settings
from sent_records import Reader
from support import START, configuration, simulator

from tap_voicecalls.providers.vonage import VonageVoiceReports

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

NOW = datetime(2026, 3, 31, 13, 5, 22, tzinfo=UTC)
AT = NOW - timedelta(hours=5)
ZONED = "2026-03-31T10:05:22.000+02:00"
read = Reader(VonageVoiceReports)


def nameless(**own: object) -> Record:
    """Return a record as the specifications have it."""
    return record("a", AT, id=None, **own)


@pytest.mark.parametrize(
    "later",
    [
        {"total_cost": "0.008", "cost": "0.008"},
        {"total_price": "0.0070", "duration": "31", "currency": "USD"},
        {"status": "completed", "status_code": "200", "status_description": "OK"},
        {"date_end": "2026-03-31T08:06:22+0000", "network_name": "Example Mobile"},
        {"application_id": "app-1", "conversation_id": "CON-1", "a_field_of_tomorrow": {"a": 1}},
        {"from": "+12025550100", "direction": "mt", "forced_from": ""},
        {"date_start": ZONED},
        {"date_start": None, "start_time": "2026-03-31T08:05:22.000000Z"},
        {"product": "voice-call"},
    ],
)
def test_a_changed_record_keeps_its_id(httpserver: HTTPServer, later: dict[str, object]) -> None:
    """A cost, a status, a time in another form: the next run brings the record under its key."""
    sent = [nameless()]
    serve(httpserver, lambda _: page(*sent))
    warehouse, config = Warehouse(), settings(httpserver, NOW - timedelta(hours=20))
    warehouse.run(config, NOW)

    sent[0] = nameless(**later)
    assert warehouse.run(config, NOW).failures == []

    assert len(warehouse.rows[STREAM]) == 1
    assert len(warehouse.rows["calls"]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"call_id": "leg-b"},
        {"date_start": "2026-03-31T08:05:29+0000"},
        {"product": "ASR"},
        {"call_id": None},
        {"call_id": None, "to": "12025550199"},
        {"call_id": None, "trace_id": "t-1"},
    ],
)
def test_other_records_have_other_ids(other: dict[str, object]) -> None:
    """Speech is recognised several times in a leg, beside its own record: none replaces another."""
    one, two = (
        read(json.dumps({"product": "VOICE-CALL"} | fields)).id
        for fields in (nameless(), nameless(**other))
    )

    assert one != two
    assert {len(one), len(two)} == {32}


def test_an_id_that_is_sent_is_kept() -> None:
    """The provider's own id is what a record is found by."""
    assert read(json.dumps(record("v-1", AT))).id == "v-1"


def test_pages_and_reports_give_the_same_ids() -> None:
    """A month that is read again by report must replace what came page by page."""
    products = ["VOICE-CALL", "VOICE-FAILED", "WEBSOCKET-CALL"]
    end = START + timedelta(days=4)
    with simulator(end=end, calls_per_day=20, now=end + timedelta(days=3)) as served:
        served.options |= {"vonage_no_ids": True, "vonage_report_polls": 0}
        outputs: list[dict[tuple[Any, ...], Any]] = []
        for mode in ("sync", "async"):
            config = configuration(served, "vonage", end_date=end.isoformat())
            config["vonage"] |= {"products": products, "mode": mode}
            warehouse = Warehouse()
            assert warehouse.run(config, end + timedelta(days=3)).failures == []
            outputs.append(dict(warehouse.rows[STREAM]))
        expected = len(served.records(STREAM, products=products))

    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == expected > 40
