"""The world of the soak: a simulator whose calls change, appear late and disappear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import registry

from tap_voicecalls.simulator import Simulator

if TYPE_CHECKING:
    import random

    from tap_voicecalls.simulator import Call
    from tap_voicecalls.simulator.messages import Request

HOUR = timedelta(hours=1)
# Shorter than a week, including the first run, since the tap waits a week for a running call.
LENGTH = timedelta(days=6, hours=18)
HISTORY = 12 * HOUR
LOOKBACK = 24 * HOUR
PROVIDERS = registry.NAMES
_LISTS_RUNNING = {name for name in PROVIDERS if registry.api_of(name).lists_running}
_LONGEST_CALL = 60 * HOUR
# Kind of call to weight.
_KINDS = {
    "plain": 60,
    "longer": 7,
    "long": 6,
    "listed late": 9,
    "costs late": 10,
    "deleted": 3,
    "tied": 5,
}


class World:
    """Simulated providers over the last days, up to the current hour.

    The world ends at the present, so that calls may be running by the real clock of the tap.

    Args:
        seed: Decides the calls.
        rng: Decides how calls change.
        calls_per_day: The calls of each provider.

    Attributes:
        served: The simulator.
        start: The start of the first calls.
        end: The current hour.
    """

    def __init__(self, seed: int, rng: random.Random, calls_per_day: int) -> None:
        self._rng = rng
        self.end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.start = self.end - LENGTH
        self.served = Simulator(
            seed=seed,
            start=self.start,
            end=self.end - HOUR,
            calls_per_day=calls_per_day,
            now=self.start,
        )
        self.served.options.update(slow_seconds=0.2, stall_seconds=3, retry_after_seconds=0.5)
        self.served.options.update(bomb_mb=300, endless_mb=300)
        # The tap uses the real clock, which is ahead of the simulated one.
        self.served.options["vonage_checks_ranges"] = False
        self.served.page_sizes.update(dict.fromkeys(self.served.page_sizes, 40))
        for provider in PROVIDERS:
            calls = self.served.world.calls(provider)
            calls[:] = [self._varied(call) for call in calls]
        self.served.on_request(self._advance)

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.served.now or self.end

    def _advance(self, request: Request) -> None:
        """Advance the time by a second for each request, so that calls change during a read.

        A hostile server may get any number of requests; they must not use up the world's time.
        """
        if request.provider not in self.served.persistent_faults:
            self.served.now = self.now + timedelta(seconds=1)

    def _varied(self, call: Call) -> Call:
        """Make some calls long, late, tied or deleted; all are final within the lookback."""
        kind = self._rng.choices([*_KINDS], [*_KINDS.values()])[0]
        share, room = self._rng.random(), self.end - call.start
        longest = registry.api_of(call.provider).longest_call or _LONGEST_CALL
        latest = call.start + min(room, LOOKBACK - HOUR)
        if latest <= call.end:
            return call
        match kind:
            case "longer" if call.provider in _LISTS_RUNNING:
                call = replace(call, duration=share * min(room, longest).total_seconds())
            case "long" | "longer":
                length = min(latest - call.start, longest)
                call = replace(call, duration=share * length.total_seconds())
            case "listed late" if call.provider != "telnyx":
                call = replace(call, listed_at=call.start + share * (latest - call.start))
            case "costs late":
                call = replace(call, costs_at=call.end + share * (latest - call.end))
            case "deleted":
                call = replace(call, deleted_at=call.end + share * 2 * LOOKBACK)
            case "tied":
                other = self._rng.choice(self.served.world.calls(call.provider))
                call = replace(call, start=min(other.start, call.start))
        return call
