"""The table that `make demo` ends with."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import registry

ROOT = Path(__file__).parents[1]
MAIN = runpy.run_path(str(ROOT / "demo" / "summary.py"))["main"]

START, END = "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"


def call(provider: str, **told: object) -> dict[str, Any]:
    """Make a call of which little is told."""
    empty = {"duration_seconds": None, "cost": None, "currency": None, "started_at": None}
    return {"provider": provider, **empty, **told}


LANDED: dict[str, list[dict[str, Any]]] = {
    **{name: [{registry.STREAMS[name].replication_key: START}] for name in registry.SELECTED},
    **{name: [{"call_started_at": START}] for name in registry.COMMON},
    "vonage_voice_reports": [{"start_time": END}, {"start_time": START}, {"start_time": None}],
    "burki_calls": [{"started_at": None}],
    "calls": [
        call("vonage", duration_seconds=90, cost=0.1, currency="EUR"),
        call("vonage", duration_seconds=30, cost=0.2, currency="EUR"),
        call("vonage"),
        call("telnyx", duration_seconds=6.5, cost=0.0012, currency="USD"),
        call("burki", duration_seconds=60, cost=1, currency="USD"),
        call("burki", duration_seconds=60, cost=2, currency="EUR"),
        call("ovia", duration_seconds=60, cost=0.5),
        call("voicy"),
    ],
}


def land(folder: Path, streams: dict[str, list[dict[str, Any]]]) -> None:
    """Write what a target would."""
    for stream, records in streams.items():
        lines = [json.dumps(record) + "\n" for record in records]
        (folder / f"{stream}.jsonl").write_text("".join(lines), encoding="utf-8")


def test_the_table_counts_and_adds_up_exactly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches money that went through a float, and a field read under the wrong name."""
    land(tmp_path, LANDED)

    assert MAIN(tmp_path) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert ["vonage_voice_reports", "3", START, END] in rows
    assert ["burki_calls", "1", "-", "-"] in rows
    assert ["calls", "8", "-", "-"] in rows
    assert ["vonage", "3", "2.0", "0.3", "EUR"] in rows
    assert ["telnyx", "1", "0.1", "0.0012", "USD"] in rows
    assert ["burki", "2", "2.0", "2", "EUR", "+", "1", "USD"] in rows
    assert ["ovia", "1", "1.0", "0.5", "(no", "currency", "told)"] in rows
    assert ["voicy", "1", "0.0", "-"] in rows


WITHOUT_CALLS = {name: rows for name, rows in LANDED.items() if name != "calls"}


@pytest.mark.parametrize("landed", [LANDED | {"calls": []}, WITHOUT_CALLS])
def test_a_stream_without_rows_fails_the_demo(
    landed: dict[str, list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a demo that looks fine although a provider delivered nothing."""
    land(tmp_path, landed)

    assert MAIN(tmp_path) == 1
    assert capsys.readouterr().err == f"demo: nothing landed in {tmp_path} for: calls\n"
