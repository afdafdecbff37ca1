"""What is loaded: the simulated calls of all providers, some of them with hard values."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START = datetime(2026, 1, 5, tzinfo=UTC)
_DAYS = 2
_CALLS_PER_DAY = 12
_FLATTENING_DEPTH = 5
_AMOUNTS = ("1234567.890123456789", "98765432.109876543212", "0.000000000001", "-0.10")
"""Of 19 and 20 digits, the smallest step that a float of that size cannot tell, and a refund."""
_TEXTS = ("", "one\ntwo\r\nthree\tfour", "quotes \" and ' and \\N", "a,b;c|d", "Grüße 🌷", "{}")
_TIME = "2026-01-05T23:59:59.123456Z"
_OBJECTS: tuple[dict[str, Any], ...] = (
    {"price": 12345.25, "list": [1, None, "x"], "deep": {"": True}},
    {"empty": {}, "none": None, "quote": 'it\'s "so"\n'},
    {},
)


class TapError(Exception):
    """The tap failed."""


class HardValues:
    """Puts hard values into records, the same ones into a record each time that it is sent."""

    def __init__(self) -> None:
        self._places: dict[object, int] = {}

    def __call__(self, stream: str, record: dict[str, Any]) -> None:
        """Change a record in place."""
        if stream != "burki_calls":
            return
        place = self._places.setdefault(record["id"], len(self._places))
        amount = msgspec.Raw(_AMOUNTS[place % len(_AMOUNTS)].encode())
        record.update(total_cost=amount, llm_cost=amount)
        record["assistant_name"] = _TEXTS[place % len(_TEXTS)]
        record["call_meta"] = _OBJECTS[place % len(_OBJECTS)]
        if record.get("ended_at"):
            record["ended_at"] = _TIME


@contextmanager
def served() -> Iterator[Simulator]:
    """Serve the calls."""
    end = _START + timedelta(days=_DAYS)
    simulator = Simulator(seed=16, start=_START, end=end, calls_per_day=_CALLS_PER_DAY)
    simulator.on_record(HardValues())
    with simulator:
        yield simulator


def write(simulator: Simulator, path: Path, *, flattened: bool, exact: bool) -> float:
    """Let the tap write all its messages into a file, and return the seconds that it took.

    Args:
        simulator: What it reads.
        path: The file.
        flattened: Whether it flattens objects.
        exact: Whether it writes amounts as text (`use_singer_decimal`).

    Raises:
        TapError: It failed.
    """
    settings: dict[str, Any] = {
        "start_date": _START.isoformat(),
        "end_date": (_START + timedelta(days=_DAYS)).isoformat(),
        **simulator.configuration(),
    }
    if flattened:
        settings |= {"flattening_enabled": True, "flattening_max_depth": _FLATTENING_DEPTH}
    if exact:
        settings["use_singer_decimal"] = True
    config = path.with_suffix(".config.json")
    config.write_text(json.dumps(settings), encoding="utf-8")
    began = time.perf_counter()
    with path.open("wb") as output:
        ran = subprocess.run(
            [sys.executable, "-m", "tap_voicecalls", f"--config={config}"],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if ran.returncode:
        raise TapError(ran.stderr.strip().rpartition("\n")[2][:200])
    return time.perf_counter() - began
