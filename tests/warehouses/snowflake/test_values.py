"""Values that hurt, put into Snowflake's stand-in by the unmodified target."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from registry import schema_of

from tap_voicecalls.records.record_type import encode

if TYPE_CHECKING:
    from warehouses.snowflake.warehouse import Warehouse

    Record = dict[str, Any]

LONG = "a\x00b 😀 \"'\\ \u2028" + "é" * 500_000
COST = Decimal("0.12345678901234567890")
META = {"count": 10**20 - 1, "$1": [None, {"'": "@~/"}], "x": True}
TURNS = [{"role": "agent", "mood": "glad"}, {"role": "caller", "content": LONG}]


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> dict[str, Record]:
    """What lands of one call of Burki, which comes twice, and of one of Voicy."""
    call = {"account": "a", "id": 2**63 - 1, "started_at": "9999-12-31T23:59:59.999999Z"}
    hurting = {"assistant_name": LONG, "total_cost": COST, "call_meta": META}
    details = {"account": "a", "call_id": "'; --", "transcript": TURNS}
    file = warehouse.project.folder / "values.jsonl"
    lines = [
        *messages("burki_calls", ["account", "id"], call | {"status": "ongoing"}, call | hurting),
        *messages("voicy_call_details", ["account", "call_id"], details),
    ]
    file.write_bytes(b"\n".join(map(encode, lines)))
    warehouse.meltano("hurting", "invoke", "target-snowflake", "--input", str(file))
    tables = warehouse.tables("hurting")
    return {name: tables[name].records(tables[name].fields)[0] for name in tables}


def messages(stream: str, key: list[str], *records: Record) -> list[Record]:
    """Return what a tap writes of records that say just this."""
    schema = schema_of(stream)
    return [
        {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": key},
        *(
            {"type": "RECORD", "stream": stream, "record": dict.fromkeys(schema["properties"]) | r}
            for r in records
        ),
    ]


def test_long_and_odd_texts_land_whole(landed: dict[str, Record]) -> None:
    """Catches a text that is cut, or read as anything but a text, on its way through SQL."""
    assert landed["burki_calls"]["assistant_name"] == LONG
    assert landed["voicy_call_details"]["call_id"] == "'; --"


def test_objects_and_lists_land_whole(landed: dict[str, Record]) -> None:
    """Catches the target leaving out what no schema declares, as it does inside of lists."""
    assert landed["burki_calls"]["call_meta"] == META
    assert landed["voicy_call_details"]["transcript"] == TURNS


def test_the_last_of_several_in_a_batch_counts(landed: dict[str, Record]) -> None:
    """Catches a row that stays as the call was before, when it comes twice in one batch."""
    assert landed["burki_calls"]["status"] is None


def test_times_and_whole_numbers_land_exactly(landed: dict[str, Record]) -> None:
    """Catches a time or a number that is rounded, moved to another zone or out of range."""
    assert landed["burki_calls"]["id"] == 2**63 - 1
    assert landed["burki_calls"]["started_at"] == "9999-12-31T23:59:59.999999+00:00"


def test_a_number_lands_as_a_float(landed: dict[str, Record]) -> None:
    """Catches the docs' warning about costs being out of date: the target may learn better."""
    assert landed["burki_calls"]["total_cost"] == Decimal("0.12345678901234568")
