"""Batch files that the tap writes, loaded by the unmodified target into the stand-in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support import configuration, run_tap, simulator

from warehouses.snowflake.test_loads import Load

if TYPE_CHECKING:
    from pathlib import Path

    from warehouses.snowflake.warehouse import Warehouse

STREAMS = ("burki_calls", "calls", "call_costs")


def test_batch_files_land_as_messages_do(warehouse: Warehouse, tmp_path: Path) -> None:
    """Catches files that the target cannot copy, or of which it copies other values."""
    file = tmp_path / "config.json"
    with simulator(calls_per_day=12) as served:
        config = configuration(served, "burki", use_singer_decimal=True)
        batches = {
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": (tmp_path / "batches").as_uri()},
        }
        file.write_text(json.dumps(config | {"batch_config": batches}), encoding="utf-8")
        words = ("run", "--state-id-suffix=batches", "tap-voicecalls", "target-snowflake")
        warehouse.meltano("batches", *words, TAP_VOICECALLS_CONFIG_FILE=str(file))
        output = run_tap(config)

    written = {name: output.records(name) for name in STREAMS}
    schemas = {message["stream"]: message for message in output.of_type("SCHEMA")}
    landed = Load({}, written, schemas, warehouse.tables("batches"))
    for name in STREAMS:
        assert landed.unlike_written(name) == {}
        assert len(landed.tables[name].rows) == len(written[name]) > 0
