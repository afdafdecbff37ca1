"""Unusual shapes of calls that Burki, Voicy and Ovia sometimes send."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from support import END, START, configuration, run_tap, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

STREAMS = {"burki": "burki_calls", "voicy": "voicy_calls", "ovia": "ovia_calls"}
STARTS = {"burki": "started_at", "voicy": "start_timestamp", "ovia": "started_at"}
LENGTHS = {"burki": "duration", "voicy": "duration_ms", "ovia": "duration"}
CALLERS = {"burki": "customer_phone_number", "voicy": "from_number", "ovia": "from_number"}
NOBODY = {"anonymous", "Restricted", "Anonymous", "unknown", "+266696687"}


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """A simulator with some hundred calls."""
    with simulator(calls_per_day=150) as made:
        yield made


@pytest.mark.parametrize("provider", STREAMS)
def test_some_callers_withhold_their_number(served: Simulator, provider: str) -> None:
    """Tests need values in place of a number that are not a number."""
    callers = {record[CALLERS[provider]] for record in served.records(STREAMS[provider])}

    assert len(callers & NOBODY) > 1


@pytest.mark.parametrize("provider", STREAMS)
def test_some_durations_have_a_fraction(served: Simulator, provider: str) -> None:
    """Tests need durations that are not integers."""
    lengths = [record[LENGTHS[provider]] for record in served.records(STREAMS[provider])]
    fractions = sum(isinstance(length, Decimal) for length in lengths)

    assert 0 < fractions < len(lengths) / 5


def test_burki_marks_outbound_calls(served: Simulator) -> None:
    """The tap uses the mark for the direction, so exactly the outbound calls must have it."""
    outbound = {call.number for call in served.world.calls("burki") if call.direction == "outbound"}

    metas = {record["id"]: record["call_meta"] for record in served.records("burki_calls")}
    marked = {key for key, meta in metas.items() if isinstance(meta, dict) and "outbound" in meta}

    assert marked == outbound != set()


@pytest.mark.parametrize("provider", STREAMS)
def test_a_filter_by_start_omits_calls_without_a_start(provider: str) -> None:
    """The tap has to look for these calls without a filter."""
    with simulator(calls_per_day=10) as served:
        tried = START + timedelta(hours=1)
        served.world.add(provider, start=tried, outcome="canceled", has_start=False)
        nearly = END - timedelta(hours=1)  # a run of the past, by now
        served.world.add(provider, start=nearly)
        config = configuration(served, provider)
        bounded = run_tap(config).records(STREAMS[provider])
        del config["end_date"]
        config["start_date"] = END.isoformat()

        found = run_tap(config).records(STREAMS[provider])

        (record,) = (r for r in served.records(STREAMS[provider]) if not r[STARTS[provider]])
    by_filter = provider != "ovia"  # whose one list has no filter
    assert any(not row[STARTS[provider]] for row in bounded) is not by_filter
    key = "call_id" if provider == "voicy" else "id"
    assert [row[key] for row in found if not row["started_at"]] == [record[key]]


def test_undocumented_transcripts_count_as_transcripts() -> None:
    """The tap reads each shape like the documented one."""
    with simulator() as served:
        config = configuration(served, "voicy")
        plain = run_tap(config).records("calls")
        served.options["voicy_odd_transcripts"] = True

        odd = run_tap(config).records("calls")
        shapes = {type(r["transcript"]) for r in served.records("voicy_call_details")}

    assert shapes == {str, list}
    spoken = [{call["call_id"]: call["has_transcript"] for call in calls} for calls in (plain, odd)]
    assert spoken[0] == spoken[1]
    assert set(spoken[0].values()) == {True, False}
