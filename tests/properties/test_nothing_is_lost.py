"""Whatever a world does and however runs end, the target comes to hold each call's final form."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
import registry
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from support import configuration, run_tap, simulator

from properties.warehouse import Warehouse
from properties.world import HOUR, SECOND, START, World
from tap_voicecalls.providers.burki import BurkiCalls
from tap_voicecalls.providers.telnyx import TelnyxCallReports
from tap_voicecalls.streams.windowed import WindowedStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_voicecalls.simulator import Simulator

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SETTINGS = settings(
    max_examples=1000 if THOROUGH else 15,
    stateful_step_count=30 if THOROUGH else 14,
    derandomize=not THOROUGH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


class Vonage(World):
    """Lists calls once they ended, by their start: how long one lasts counts as late."""

    provider = "vonage"
    can_be_long = False


class Voicy(World):
    """Lists running calls, continued by the last id; details one by one."""

    provider = "voicy"


class Telnyx(World):
    """Lists records once calls ended, by their start: how long one lasts counts as late."""

    provider = "telnyx"
    can_be_long = False


class Burki(World):
    """Lists running calls by offset, in no fixed order among those with one start."""

    provider = "burki"
    # More calls of one moment than a page holds cannot be paged through, whatever a client does.
    smallest_page = 7


class Ovia(World):
    """Lists all calls, in one array."""

    provider = "ovia"


class Twilio(World):
    """Filters by whole days, and pages by a token; some calls never get a start."""

    provider = "twilio"
    unanswered = "failed"


class Retell(World):
    """Lists running calls, continued by an opaque key; some calls never get a start."""

    provider = "retell"
    unanswered = "failed"
    # No call lasts longer than two hours (`max_call_duration_ms`): an older one is stuck.
    can_be_long = False


class ElevenLabs(World):
    """Filters by whole seconds; a conversation is processed for a while after its end."""

    provider = "elevenlabs"


class Vapi(World):
    """Pages by the creation of the last call, and lists changes by their time."""

    provider = "vapi"
    # More calls of one moment than the largest page holds cannot be paged through.
    smallest_page = 7


WORLDS: list[type[World]] = [Vonage, Voicy, Telnyx, Burki, Ovia, Twilio, Retell, ElevenLabs, Vapi]
# Further providers, which list their calls by start, and for which nothing else is known.
WORLDS += [
    type(name, (World,), {"provider": name})
    for name in registry.providers_beyond(world.provider for world in WORLDS)
]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.provider)
def test_nothing_is_lost(world: type[World]) -> None:
    """A call that is late, long, changed, tied or interrupted is there in its final form."""
    run_state_machine_as_test(world, settings=SETTINGS)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator without any calls but those that a test adds."""
    with simulator(calls_per_day=0) as made:
        yield made


def add(served: Simulator, provider: str, *starts: datetime, duration: float = 60) -> None:
    """Let calls start at some times."""
    for start in starts:
        call = served.world.make_call(provider, start=start, duration=duration)
        served.world.calls(provider).append(call)


def test_reports_stored_late_are_read(served: Simulator) -> None:
    """A report that tells only when it was stored does not hide those made soon after it."""
    served.options["telnyx_stored_lag_ms"] = 5000
    served.page_sizes["telnyx"] = 2
    add(served, "telnyx", *(START + second * SECOND for second in range(60)))

    with patch.object(TelnyxCallReports, "chunk_pages", 1):
        output = run_tap(configuration(served, "telnyx"))

    assert len(output.records("telnyx_call_reports")) == len(served.records("telnyx_call_reports"))


def test_a_burst_does_not_shorten_all_windows(served: Simulator) -> None:
    """After a second with very many calls a year is not read in windows of a millisecond."""
    end = START + timedelta(milliseconds=400)
    add(served, "burki", START, START, START)

    with (
        patch.object(WindowedStream, "divided_above", 2),
        patch.object(BurkiCalls, "window", timedelta(milliseconds=20)),
    ):
        run_tap(configuration(served, "burki", end_date=end.isoformat(), concurrency=1))

    assert len(served.requests) < 60


def test_ties_without_a_total(served: Simulator) -> None:
    """An older server counts nothing: a call that came twice tells that another did not come."""
    served.options["burki_bare_array"] = True
    served.page_sizes["burki"] = 4
    add(served, "burki", *(START + hour * HOUR for hour in (1, 2, 3) for _ in range(3)))

    output = run_tap(configuration(served, "burki"))

    assert len({record["id"] for record in output.records("burki_calls")}) == 9


def test_costs_of_a_long_call(served: Simulator) -> None:
    """Costs that come an hour after the end are read, even if the call went on for two days."""
    add(served, "burki", START, duration=48 * 3600)
    (call,) = served.world.calls("burki")
    served.world.change(call, costs_at=call.end + HOUR)
    warehouse = Warehouse()

    for hours in (24, 48.5, 60, 72):
        served.now = START + hours * HOUR
        warehouse.run(configuration(served, "burki", lookback_hours=24), served.now)

    assert warehouse.unlike("burki_calls", served.records("burki_calls")) == []
