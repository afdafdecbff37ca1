"""A world whose calls end, appear and get their costs as time passes, and runs over it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from properties.truth import ALL_PRODUCTS
from support import simulator

from warehouses.landed import LOADED, Tables, differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Call, Simulator
    from warehouses.chain import Chain

HOUR = timedelta(hours=1)
# The command goes by the real clock, so the calls are of the last days: some still run, or lack
# their costs, when it first reads them.
END = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
START, FIRST_RUN = END - timedelta(days=3), END - 6 * HOUR


@dataclass(frozen=True)
class Loaded:
    """What a run left.

    Attributes:
        chain: The chain that ran.
        tables: What its database held after the run.
        different: Where that was not what the providers told.
        loaded: How many rows of each table are of that run.
    """

    chain: Chain
    tables: Tables
    different: list[str]
    loaded: dict[str, int]

    @property
    def url(self) -> str:
        """The database, which holds what the last run left."""
        return self.chain.server.url(self.chain.database)


def run(chain: Chain, served: Simulator, *options: str) -> Loaded:
    """Run the chain, and look at what it left."""
    since = chain.now()
    chain.run(*options)
    landed = chain.tables()
    loaded = {stream: chain.count(stream, since) for stream in LOADED}
    return Loaded(chain, landed, differences(served, landed), loaded)


@contextmanager
def moving_world() -> Iterator[Simulator]:
    """Serve all providers, as they are at the first run."""
    with simulator(
        start=START, end=END, now=FIRST_RUN, calls_per_day=15, unknown_fields=True
    ) as made:
        made.options["vonage_checks_ranges"] = False  # the tap goes by the real clock
        made.on_record(_tell_apart)
        for provider in made.configuration():
            for number, call in enumerate(list(made.world.calls(provider))):
                _unsettle(call, number, made)
            _leave_open(provider, made)
        yield made


def settings(served: Simulator) -> dict[str, object]:
    """Return the tap's settings: all there is."""
    providers = served.configuration()
    providers["vonage"]["products"] = ALL_PRODUCTS
    return {"start_date": START.isoformat(), **providers}


def _unsettle(call: Call, number: int, served: Simulator) -> None:
    """Let some calls go on for long, appear late, or get their costs late."""
    change = served.world.change
    if number % 11 == 0:
        change(call, duration=5 * HOUR / timedelta(seconds=1))
    elif number % 5 == 0:
        change(call, costs_at=call.end + 4 * HOUR)
    elif number % 7 == 0:
        change(call, listed_at=call.start + 3 * HOUR)


def _leave_open(provider: str, served: Simulator) -> None:
    """Let a call be under way at the first run, another one lack its costs, and one follow.

    The calls of the world alone would not do: of some providers there are none in a night.
    """
    add = served.world.add
    add(provider, start=FIRST_RUN - HOUR, duration=2 * HOUR / timedelta(seconds=1))
    add(provider, start=FIRST_RUN - HOUR, costs_at=FIRST_RUN + HOUR)
    add(provider, start=FIRST_RUN + HOUR)


def _tell_apart(stream: str, record: dict[str, object]) -> None:
    """Give Ovia's calls an id: one without any becomes another row when it changes."""
    metadata = record.get("metadata")
    if stream == "ovia_calls" and isinstance(metadata, dict) and "id" not in record:
        metadata.setdefault("call_id_full", f"{record['started_at']} {record['phone_number_id']}")
