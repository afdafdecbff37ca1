"""Runs the tap against a simulator over real sockets, and parses its output."""

from __future__ import annotations

import gc
import io
import json
import threading
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_voicecalls.simulator import Simulator
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    import pytest

Record = dict[str, Any]

threads_before: set[threading.Thread] = set()
"""Threads that were running before the current test: they are not its own."""

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 4
END = START + timedelta(days=DAYS)


@dataclass(frozen=True)
class Output:
    """The messages of one run, in order; numbers with a fraction are decimals."""

    messages: list[dict[str, Any]]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The messages of one type."""
        return [message for message in self.messages if message["type"] == kind]

    def records(self, stream: str) -> list[Record]:
        """The records of one stream, in order."""
        return [m["record"] for m in self.of_type("RECORD") if m["stream"] == stream]

    @property
    def state(self) -> dict[str, Any]:
        """The last state."""
        value: dict[str, Any] = self.of_type("STATE")[-1]["value"]
        return value


class MovedClock:
    """The monotonic clock of this process, which a test moves forward instead of waiting.

    Waits for an event or a socket take as long as before.

    Args:
        monkeypatch: Puts the clock back at the end of the test.

    Attributes:
        moved: By how many seconds, up to now.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moved = 0.0
        real = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: real() + self.moved)

    def move(self, seconds: float) -> None:
        """Let some seconds pass at once."""
        self.moved += seconds


def simulator(**options: Any) -> Simulator:  # noqa: ANN401 - the simulator's own options
    """Make a simulator of a few days of January."""
    defaults: dict[str, Any] = {"seed": 11, "start": START, "end": END, "calls_per_day": 30}
    return Simulator(**(defaults | options))


def configuration(served: Simulator, *providers: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """Make a configuration for some or all providers of a running simulator."""
    found = served.configuration()
    chosen = {name: found[name] for name in providers or found}
    return {"start_date": START.isoformat(), "end_date": END.isoformat(), **chosen, **settings}


def run_tap(config: dict[str, Any], **options: Any) -> Output:  # noqa: ANN401 - the tap's own options
    """Run a sync in this process and return what it wrote."""
    written = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(written, encoding="utf-8", write_through=True)) as text:
        TapVoiceCalls(config=config, **options).sync_all()
        text.flush()
    return parsed(written.getvalue())


def parsed(written: bytes) -> Output:
    """Parse the standard output of a tap."""
    return Output([json.loads(line, parse_float=Decimal) for line in written.splitlines()])


def catalog_of(config: dict[str, Any], **selected: bool) -> dict[str, Any]:
    """Return the discovered catalog with streams selected, deselected, or as by default."""
    catalog = TapVoiceCalls(config=config).catalog_dict
    for stream in catalog["streams"]:
        root = next(entry for entry in stream["metadata"] if entry["breadcrumb"] in ([], ()))
        by_default = root["metadata"].get("selected-by-default", True)
        root["metadata"]["selected"] = selected.get(stream["tap_stream_id"], by_default)
    return catalog


def reading_threads() -> list[threading.Thread]:
    """Return the read-ahead threads that the current test has started."""
    gc.collect()  # closes generators that are no longer read
    found = set(threading.enumerate()) - threads_before
    return [thread for thread in found if thread.name.startswith("read-ahead")]
