"""The simulated calls are reproducible and unique, and have the difficult cases of real ones."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tap_voicecalls.simulator import Simulator

if TYPE_CHECKING:
    from tap_voicecalls.simulator import Call

START = datetime(2026, 3, 1, tzinfo=UTC)
PROVIDERS = ("vonage", "voicy", "telnyx", "burki", "ovia")
STREAMS = (
    *("vonage_voice_reports", "voicy_calls", "voicy_call_details", "telnyx_call_reports"),
    *("telnyx_detail_records", "burki_calls", "ovia_calls"),
)


def world(days: int, first: int = 0, seed: int = 7, calls_per_day: float = 40) -> Simulator:
    """Return a simulator that is not started, whose time is after all of its calls."""
    start = START + timedelta(days=first)
    return Simulator(
        seed=seed,
        start=start,
        end=start + timedelta(days=days),
        calls_per_day=calls_per_day,
        now=START + timedelta(days=365),
    )


def fields(calls: list[Call]) -> list[dict[str, object]]:
    """Return the fields of calls, which compare by value."""
    return [dataclasses.asdict(call) for call in calls]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_day_is_the_same_in_every_range(provider: str) -> None:
    """A day's calls depend on the seed, the provider and the day, not on the range."""
    month, day = world(30), world(1, first=12)
    low, high = day.world.start, day.world.end
    cut = [call for call in month.world.calls(provider) if low <= call.start < high]
    assert fields(cut) == fields(day.world.calls(provider))
    other = world(1, first=12, seed=8)
    assert fields(other.world.calls(provider)) != fields(day.world.calls(provider))


def test_a_range_may_start_within_a_day() -> None:
    """A range from noon to noon has exactly the calls in between."""
    noon = START + timedelta(hours=12)
    cut = Simulator(seed=7, start=noon, end=noon + timedelta(days=1))
    calls = world(3).world.calls("burki")
    inside = [call for call in calls if noon <= call.start < noon + timedelta(days=1)]
    assert fields(cut.world.calls("burki")) == fields(inside)


@pytest.mark.parametrize("stream", STREAMS)
def test_records_are_the_same_in_every_simulator(stream: str) -> None:
    """Two simulators with the same seed have equal records, so a failing test can be repeated."""
    first, second = (world(3).records(stream) for _ in range(2))
    assert first == second
    assert len(first) > 50


@pytest.mark.parametrize("provider", PROVIDERS)
def test_ids_are_unique_and_some_starts_are_equal_or_at_midnight(provider: str) -> None:
    """Ids do not repeat, some calls have equal starts, and some start exactly at midnight."""
    calls = world(60).world.calls(provider)
    starts = [call.start for call in calls]
    assert len({call.key for call in calls}) == len({call.number for call in calls}) == len(calls)
    by_day = [start for start in starts if start.time() != datetime.min.time()]
    assert len(set(by_day)) < len(by_day)
    assert 5 < sum(start.time() == datetime.min.time() for start in starts) < 60


def test_nights_and_weekends_have_fewer_calls() -> None:
    """Far fewer calls start at night than in the morning, and on a Sunday than on a Monday."""
    starts = [call.start for call in world(56).world.calls("burki")]
    night = sum(start.hour < 5 for start in starts)
    morning = sum(8 <= start.hour < 13 for start in starts)
    monday, sunday = (sum(start.weekday() == day for start in starts) for day in (0, 6))
    assert morning > 5 * night
    assert monday > 1.5 * sunday


def test_twenty_thousand_calls_are_generated_within_seconds() -> None:
    """Tests and demos start without delay; the bound has room for a busy machine."""
    began = time.process_time()
    calls = world(50, calls_per_day=400).world.calls("ovia")
    assert len(calls) > 18_000
    assert time.process_time() - began < 10


def test_make_call_makes_an_answered_phone_call() -> None:
    """The given fields are used; the others are those of an answered phone call."""
    simulator = world(1)
    calls = [
        simulator.world.make_call("vonage", start=START, duration=90, agent=None) for _ in range(30)
    ]
    assert {call.outcome for call in calls} == {"completed"}
    assert {call.channel for call in calls} == {"phone"}
    assert all(call.customer_number and call.business_number for call in calls)
    assert {call.agent for call in calls} == {None}
    assert {call.end - call.start for call in calls} == {timedelta(seconds=90)}
    assert len({call.key for call in calls}) == 30


def test_calls_may_be_added_and_replaced_at_any_time() -> None:
    """A change of the list of calls is visible, although the API caches what it derives."""
    simulator = world(1)
    calls = simulator.world.calls("burki")
    before = len(simulator.records("burki_calls"))
    calls.append(simulator.world.make_call("burki", start=START, duration=60))
    assert len(simulator.records("burki_calls")) == before + 1
    calls[-1] = dataclasses.replace(calls[-1], duration=90.0)
    durations = {one["id"]: one["duration"] for one in simulator.records("burki_calls")}
    assert durations[calls[-1].number] == 90


def test_a_call_is_listed_from_listed_at_until_deleted_at() -> None:
    """Before and after that the API does not list it."""
    simulator = world(1)
    late, gone = START + timedelta(hours=1), START + timedelta(hours=2)
    call = simulator.world.make_call("burki", start=START, listed_at=late, deleted_at=gone)
    calls = simulator.world.calls("burki")
    calls[:] = [call]
    seen = []
    for moment in (START, late, gone):
        simulator.now = moment
        seen.append(len(simulator.records("burki_calls")))
    assert seen == [0, 1, 0]


def test_naive_times_are_refused() -> None:
    """A time without a zone is an error."""
    with pytest.raises(ValueError, match="aware"):
        Simulator(seed=7, start=datetime(2026, 3, 1), end=START)  # noqa: DTZ001 - what is tested
    with pytest.raises(ValueError, match="after"):
        Simulator(seed=7, start=START, end=START)


@pytest.mark.parametrize("stream", STREAMS)
def test_unknown_fields_are_in_every_record(stream: str) -> None:
    """The option adds a field to every record, and one inside a documented object."""
    nested = {"voicy": "agent", "telnyx_call": "summary", "burki": "call_meta", "ovia": "metadata"}
    simulator = Simulator(
        seed=7, start=START, end=START + timedelta(days=2), now=None, unknown_fields=True
    )
    simulator.now = START + timedelta(days=365)
    records = simulator.records(stream)
    assert all(isinstance(record["x_sim_note"], str) for record in records)
    for prefix, name in nested.items():
        inner = [one[name] for one in records if stream.startswith(prefix) and one[name]]
        assert all(isinstance(one, dict) and "x_sim_note" in one for one in inner)


def test_all_numbers_are_reserved_for_fiction() -> None:
    """Every phone number is in a range that is reserved for fiction."""
    prefixes = ("+447700900", "+493023125", "+33639980")
    for provider in PROVIDERS:
        for call in world(20).world.calls(provider):
            for number in filter(None, (call.from_number, call.to_number)):
                american = number.startswith("+1") and number[5:10] == "55501"
                assert american or number.startswith(prefixes)
