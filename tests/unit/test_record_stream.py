"""The bookmark cap of a row, so that the final form of a call is read as well."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest

from tap_voicecalls.common.concurrency import Concurrency
from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.run import Run
from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.records.raw_json import RawJson
from tap_voicecalls.rows.row_context import RowContext
from tap_voicecalls.streams.record_stream import RecordStream
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
LOOKBACK = timedelta(hours=24)
MUTABLE_SINCE = "2026-01-19T12:00:00.000000Z"
TIME = {"type": ["string", "null"], "format": "date-time"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "account": {"type": "string"},
        "id": {"type": "string"},
        "started_at": TIME,
        "ended_at": TIME,
        "additional_fields": {"type": ["object", "null"]},
    },
}


class RunningCalls(RecordStream):
    """A stream of calls that may be running, and whose costs come after their end."""

    name = "running_calls"
    primary_keys: ClassVar[tuple[str, ...]] = ("account", "id")
    replication_key = "started_at"
    schema: ClassVar[Any] = SCHEMA

    def get_records(self, context: object) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return nothing: only rows are made here."""
        return []

    def is_running(self, record: Record) -> bool:
        """Return whether there is no end."""
        return bool(record.ended_at is None)

    def ended_at(self, record: Record) -> str:
        """Return the end."""
        return record.ended_at or ""


def rows(*records: dict[str, Any]) -> list[Row]:
    """Return the rows of some records."""
    tap = TapVoiceCalls(config={"start_date": "2026-01-01", "burki": {"api_key": "x"}})
    stream = RunningCalls(tap, Run(NOW, Concurrency(1)))
    row_context = RowContext("default", LOOKBACK, MUTABLE_SINCE, Conformer(SCHEMA), None)
    context = cast("ReadContext", SimpleNamespace(row_context=row_context, stream=""))
    return stream.rows(context, RawJson(json.dumps(records).encode()))


def bookmark_cap(started: str | None, ended: str | None) -> str:
    """Return the bookmark cap of a call's row."""
    (row,) = rows({"id": "1", "started_at": started, "ended_at": ended})
    return row.bookmark_cap


def test_a_running_call_caps_the_bookmark_at_its_start() -> None:
    """Otherwise its end would never be read, however long it goes on."""
    assert bookmark_cap("2026-01-18T09:00:00Z", None) == "2026-01-18T09:00:00.000000Z"


@pytest.mark.parametrize("started", ["2026-01-18T09:00:00Z", "2026-01-19T13:00:00Z"])
def test_the_lookback_reaches_the_start_of_a_call_that_ended_recently(started: str) -> None:
    """Costs that come later are read as well: the lookback from the cap reaches its start."""
    cap = datetime.fromisoformat(bookmark_cap(started, "2026-01-20T11:00:00Z"))

    assert cap - LOOKBACK == datetime.fromisoformat(started)


def test_a_call_that_ended_long_ago_has_no_cap() -> None:
    """The bookmark of an account with only final calls moves to the end of what was read."""
    assert bookmark_cap("2026-01-17T09:00:00Z", "2026-01-19T12:00:00Z") == ""


def test_a_call_that_starts_in_the_future_has_no_cap() -> None:
    """A start by a clock that is ahead must not keep the bookmark from moving."""
    assert bookmark_cap("2026-01-21T09:00:00Z", "2026-01-21T10:00:00Z") == ""


def test_a_call_without_a_start_has_no_cap() -> None:
    """There is no time that the bookmark could wait at."""
    assert bookmark_cap(None, None) == ""


def test_a_row_holds_key_time_and_record() -> None:
    """Rows are sorted and deduplicated by these, and the body is what is written."""
    (row,) = rows({"id": "1", "started_at": "2026-01-18T09:00:00Z", "color": "red"})

    assert (row.time, row.key) == ("2026-01-18T09:00:00.000000Z", ("default", "1"))
    assert json.loads(row.body) == {
        "account": "default",
        "id": "1",
        "started_at": "2026-01-18T09:00:00.000000Z",
        "ended_at": None,
        "additional_fields": {"color": "red"},
    }


def test_a_record_without_a_key_is_an_error() -> None:
    """A record that cannot be identified is neither dropped nor written under a made-up key."""
    with pytest.raises(BadAnswer, match="no usable `id`"):
        rows({"started_at": "2026-01-18T09:00:00Z"})
