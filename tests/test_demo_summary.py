"""The table that `make demo` ends with."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MAIN = runpy.run_path(str(ROOT / "demo" / "summary.py"))["main"]

LANDED: dict[str, list[dict[str, Any]]] = {
    "vonage_voice_reports": [
        {
            "start_time": "2026-01-06T00:00:00Z",
            "duration": 90,
            "total_price": 0.1,
            "currency": "EUR",
        },
        {
            "start_time": "2026-01-05T00:00:00Z",
            "duration": 30,
            "total_price": 0.2,
            "currency": "EUR",
        },
        {"start_time": "2026-01-05T12:00:00Z", "duration": None, "total_price": None},
    ],
    "voicy_calls": [
        {
            "started_at": "2026-01-05T00:00:00Z",
            "duration_ms": 1_230_000,
            "call_cost": {"combined_cost": 0.7, "currency": "USD"},
        },
        {"started_at": "2026-01-05T00:00:00Z", "duration_ms": None, "call_cost": None},
    ],
    "voicy_call_details": [{"started_at": "2026-01-05T00:00:00Z"}],
    "telnyx_call_reports": [{"stored_at": "2026-01-05T00:00:00Z"}],
    "telnyx_detail_records": [
        {"started_at": "2026-01-05T00:00:00Z", "call_sec": 6, "cost": "0.0012", "currency": "USD"}
    ],
    "burki_calls": [
        {"started_at": None, "duration": 60, "total_cost": 1, "cost_currency": "USD"},
        {"started_at": None, "duration": 60, "total_cost": 2, "cost_currency": "EUR"},
    ],
    "ovia_calls": [
        {"started_at": "2026-01-05T00:00:00Z", "duration": 60, "costs": {"total": 0.5}},
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

    first, last = "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"
    assert ["vonage_voice_reports", "3", first, last] in rows
    assert ["burki_calls", "2", "-", "-"] in rows
    assert ["Vonage", "3", "2.0", "0.3", "EUR"] in rows
    assert ["Voicy", "2", "20.5", "0.7", "USD"] in rows
    assert ["Telnyx", "1", "0.1", "0.0012", "USD"] in rows
    assert ["Burki", "2", "2.0", "2", "EUR", "+", "1", "USD"] in rows
    assert ["Ovia", "1", "1.0", "0.5", "(no", "currency", "told)"] in rows


@pytest.mark.parametrize("landed", [LANDED | {"ovia_calls": []}, dict(list(LANDED.items())[:-1])])
def test_a_stream_without_rows_fails_the_demo(
    landed: dict[str, list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a demo that looks fine although a provider delivered nothing."""
    land(tmp_path, landed)

    assert MAIN(tmp_path) == 1
    assert capsys.readouterr().err == f"demo: nothing landed in {tmp_path} for: ovia_calls\n"
