"""What was said, what it cost, and the recordings: the common streams beside `calls`."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import catalog_of, configuration, run_tap, simulator

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support import Output

    from tap_voicecalls.simulator import Simulator

Record = dict[str, Any]

ALL = dict.fromkeys(registry.STREAMS, True)
COSTS = [provider.name for provider in PROVIDERS if provider.costs_from]


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


@pytest.fixture(scope="module")
def config(served: Simulator) -> Record:
    """Return a configuration that reads every kind of record."""
    made = configuration(served)
    made["telnyx"]["record_types"] = ["webrtc", "sip-trunking", "call-control", "recording", "stt"]
    return made


@pytest.fixture(scope="module")
def output(config: Record) -> Output:
    """Read all streams."""
    return run_tap(config, catalog=catalog_of(config, **ALL))


def by_call(records: list[Record]) -> dict[tuple[str, ...], list[Record]]:
    """Group records by their call."""
    grouped = defaultdict[tuple[str, ...], list[Record]](list)
    for record in records:
        grouped[record["provider"], record["account"], record["call_id"]].append(record)
    return dict(grouped)


@pytest.mark.parametrize("provider", COSTS)
def test_lines_add_up_to_the_cost_of_the_call(output: Output, provider: str) -> None:
    """A sum over `call_costs` that differs from one over `calls` by a digit is not believed."""
    lines = by_call(output.records("call_costs"))
    calls = {
        key: call
        for key, (call,) in by_call(output.records("calls")).items()
        if call["provider"] == provider
    }

    costs = {key: call["cost"] for key, call in calls.items() if call["cost"] is not None}
    assert len(costs) > 20
    assert {key for key in lines if key[0] == provider} == costs.keys()
    for key, cost in costs.items():
        assert sum((Decimal(line["amount"]) for line in lines[key]), Decimal(0)) == cost
        assert {line["currency"] for line in lines[key]} == {calls[key]["currency"]}
        assert {line["call_started_at"] for line in lines[key]} == {calls[key]["started_at"]}


def test_turns_are_numbered_and_counted(output: Output) -> None:
    """A gap would look like a lost turn; the count tells which rows are of an older reading."""
    turns = by_call(output.records("call_turns"))
    calls = by_call(output.records("calls"))

    assert {key[0] for key in turns} == {p.name for p in PROVIDERS if p.turns_from}
    for key, spoken in turns.items():
        ((call),) = calls[key]
        assert [turn["turn"] for turn in spoken] == list(range(len(spoken)))
        if key[0] != "telnyx":  # whose conversations are read apart from the calls
            assert (call["turns"], call["has_transcript"]) == (len(spoken), True)
        offsets = [t["offset_seconds"] for t in spoken if t["offset_seconds"] is not None]
        assert offsets == sorted(offsets)
    assert {turn["role"] for turn in output.records("call_turns")} >= {"agent", "caller"}


def test_calls_without_a_transcript_have_no_turns(output: Output) -> None:
    """Zero turns and turns that were not read are different things."""
    turns = by_call(output.records("call_turns"))
    for key, (call,) in by_call(output.records("calls")).items():
        if call["has_transcript"] is False:
            assert (call["turns"], key in turns) == (0, False)


def test_a_recording_is_a_row(output: Output) -> None:
    """Whoever wants the recordings needs to know of each, even while none is archived."""
    recordings = by_call(output.records("call_recordings"))

    assert recordings
    for key, (call,) in by_call(output.records("calls")).items():
        if call["has_recording"] is not None:
            assert (key in recordings) == call["has_recording"]
    assert {row["status"] for rows in recordings.values() for row in rows} == {"off"}


@pytest.mark.parametrize("name", registry.COMMON)
def test_each_is_complete_alone(config: Record, output: Output, name: str) -> None:
    """A user who selects one common stream and the feeders gets the same rows as with all."""
    others = dict.fromkeys(registry.COMMON, False)
    alone = run_tap(config, catalog=catalog_of(config, **(ALL | others | {name: True})))

    def rows(records: list[Record]) -> list[Record]:
        return [{n: v for n, v in record.items() if n != "url"} for record in records]

    assert rows(alone.records(name)) == rows(output.records(name))
    assert {m["stream"] for m in alone.of_type("RECORD")} & set(registry.COMMON) == {name}


def test_rows_come_before_the_state_that_covers_them(output: Output) -> None:
    """A crash after a STATE must not lose the turns of calls that are not read again."""
    last = dict[str, str]()
    for message in output.messages:
        if message["type"] == "STATE":
            for stream, bookmark in message["value"]["bookmarks"].items():
                if stream == "ovia_calls" and bookmark.get("partitions"):
                    last = {"ovia": bookmark["partitions"][0]["replication_key_value"]}
        elif message["type"] == "RECORD" and message["stream"] == "call_turns":
            assert message["record"]["provider"] not in last


def test_a_common_stream_without_feeder_is_named(
    config: Record, caplog: pytest.LogCaptureFixture
) -> None:
    """Who deselects the details gets no turns, and must learn which stream to select."""
    with caplog.at_level(logging.INFO):
        run_tap(config, catalog=catalog_of(config, voicy_call_details=False))

    line = [text for text in caplog.messages if text.startswith("call_turns:")][-1]
    assert line.startswith(
        "call_turns: no selected stream feeds it for voicy (select voicy_call_details), "
        "telnyx (select telnyx_ai_messages), burki (select burki_transcripts)"
    )


@pytest.mark.parametrize("mapped", [False, True])
def test_the_rows_are_counted(
    config: Record, caplog: pytest.LogCaptureFixture, *, mapped: bool
) -> None:
    """Who watches the SDK's metrics would see no call, however many were written."""
    maps = {"stream_maps": {"calls": {"extra": "status"}}} if mapped else {}
    with caplog.at_level(logging.INFO):
        written = run_tap(config | maps)

    found = [json.loads(text[8:]) for text in caplog.messages if text.startswith("METRIC: ")]
    counts = [(one["tags"]["stream"], one["value"]) for one in found if one["type"] == "counter"]
    assert sorted((name, value) for name, value in counts if name in registry.COMMON) == sorted(
        (name, len(written.records(name))) for name in registry.COMMON
    )


def test_nothing_is_made_for_streams_that_are_off(config: Record) -> None:
    """Turns that nobody writes would cost a third of the time of a run, and its memory."""
    off = dict.fromkeys(registry.COMMON, False)
    streams = TapVoiceCalls(config=config, catalog=catalog_of(config, **(ALL | off))).streams

    feeds = {name: vars(streams[name])["_feed"] for name in registry.STREAMS}

    assert {name: feed.normalize for name, feed in feeds.items()} == dict.fromkeys(feeds)
