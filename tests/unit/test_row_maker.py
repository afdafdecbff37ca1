"""What a row holds the bookmark back for, so that the last form of a call is read as well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.streams.row_maker import RowMaker

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
LOOKBACK = timedelta(hours=24)
LATELY = "2026-01-19T12:00:00.000000Z"
TIME = {"type": ["string", "null"], "format": "date-time"}
SCHEMA = {
    "type": "object",
    "properties": {
        "account": {"type": "string"},
        "id": {"type": "string"},
        "started_at": TIME,
        "ended_at": TIME,
        "additional_fields": {"type": ["object", "null"]},
    },
}


@dataclass(frozen=True)
class Facts:
    """A stream of calls that run, and whose costs come after their end."""

    identified_by: str | None = None
    identity: tuple[tuple[str, ...], ...] = ()
    now: datetime = NOW

    def fill_derived_fields(self, record: Any) -> None:  # noqa: ANN401 - a record is of no declared type
        """Fill nothing."""

    def read_time_of(self, _: Any) -> str:  # noqa: ANN401 - as above
        """Read by the replication key."""
        return ""

    def is_running(self, record: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether there is no end."""
        return record.ended_at is None

    def ended_at(self, record: Any) -> str:  # noqa: ANN401 - as above
        """Return the end."""
        return record.ended_at or ""


def hold(started: str | None, ended: str | None) -> str:
    """Return what the row of a call says that the bookmark must not pass."""
    maker = RowMaker(
        Facts(), Conformer(SCHEMA, {}), key=("account", "id"), time="started_at", call_of=None
    )
    account = SimpleNamespace(label="default")
    reading = SimpleNamespace(account=account, lookback=LOOKBACK, mutable_since=LATELY)
    sent = json.dumps([{"id": "1", "started_at": started, "ended_at": ended}]).encode()
    (row,) = maker.rows(cast("Any", reading), cast("Any", sent), {})
    return row.bookmark_cap


def test_a_running_call_holds_the_bookmark_at_its_start() -> None:
    """Its end would never be read otherwise, however long it goes on."""
    assert hold("2026-01-18T09:00:00Z", None) == "2026-01-18T09:00:00.000000Z"


@pytest.mark.parametrize("started", ["2026-01-18T09:00:00Z", "2026-01-19T13:00:00Z"])
def test_a_call_that_ended_lately_holds_it_within_reach(started: str) -> None:
    """Costs that come later are read as well: the lookback from there reaches its start."""
    held = datetime.fromisoformat(hold(started, "2026-01-20T11:00:00Z"))

    assert held - LOOKBACK == datetime.fromisoformat(started)


def test_a_call_that_ended_long_ago_holds_nothing() -> None:
    """An account whose calls are final goes on to the end of what was read."""
    assert hold("2026-01-17T09:00:00Z", "2026-01-19T12:00:00Z") == ""


def test_a_call_of_the_future_holds_nothing() -> None:
    """A start by a clock that is ahead must not keep the bookmark from moving."""
    assert hold("2026-01-21T09:00:00Z", "2026-01-21T10:00:00Z") == ""


def test_a_call_without_a_start_holds_nothing() -> None:
    """There is no time that the bookmark could wait at."""
    assert hold(None, None) == ""
