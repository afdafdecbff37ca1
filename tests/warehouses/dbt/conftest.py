"""A database that was loaded and built twice: once plainly, and then with all that is awkward."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import START, Output, configuration, run_tap, simulator

from warehouses.dbt import awkward
from warehouses.dbt.call_groups import Loaded, lists_of
from warehouses.dbt.marts import identified
from warehouses.dbt.warehouse import Built, Warehouse

Row = dict[str, Any]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from meltano_project import Project

    from demo.postgres import Server
    from tap_voicecalls.simulator import Simulator

    Configs = Callable[[Row], Path]

NOW = START + timedelta(days=2, hours=9)
_LOADED = (*registry.COMMON, *registry.SELECTED)
LOADED = [name for name in _LOADED if name != "telnyx_detail_records"]


@pytest.fixture(scope="session")
def served() -> Iterator[Simulator]:
    """Providers whose clock stands still, with calls under way and costs that are to come."""
    with simulator(now=NOW, calls_per_day=12) as providers:
        providers.options["vonage_checks_ranges"] = False  # the tap goes by the real clock
        for name in ("voicy", "burki", "ovia"):
            began = NOW - timedelta(minutes=1)
            providers.world.add(name, start=began, duration=600, costs_at=NOW + timedelta(hours=1))
        yield providers


@pytest.fixture(scope="session")
def read(served: Simulator) -> Output:
    """What the tap reads on the first day."""
    return run_tap(configuration(served))


@pytest.fixture(scope="session")
def configs(tmp_path_factory: pytest.TempPathFactory) -> Configs:
    """Writes a configuration to a file of its own."""

    def write(config: Row) -> Path:
        file = tmp_path_factory.mktemp("config") / "config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="session")
def built(
    server: Server, project: Project, served: Simulator, read: Output, configs: Configs
) -> Built:
    """A database that was loaded and built by one command."""
    warehouse = Warehouse.made(server, project)
    warehouse.run(configs(configuration(served)), "dbt-postgres:build")
    return Built.by(warehouse, loaded(read))


def loaded(output: Output) -> Loaded:
    """Return what the marts are made of."""
    lists = lists_of((name, output.records(name)) for name in registry.STREAMS)
    return Loaded(output.records("calls"), output.records("call_turns"), lists)


@pytest.fixture(scope="session")
def rebuilt(built: Built, served: Simulator, read: Output, configs: Configs) -> Built:
    """The same a day later, with what a target may have made otherwise, or not at all.

    Telnyx is read no more: of its tables one is gone, and one has times with a zone.
    """
    later = built.warehouse.copy()
    later.execute(
        "drop view analytics.stg_telnyx_call_reports",
        "alter table voicecalls.telnyx_call_reports alter stored_at type timestamptz"
        " using stored_at at time zone 'UTC'",
        "drop table voicecalls.telnyx_detail_records cascade",
    )
    later.insert("calls", awkward.calls())
    later.insert("call_turns", awkward.turns())
    served.now = NOW + timedelta(days=1)
    config = configuration(served, "vonage", "voicy", "burki", "ovia", lookback_hours=240)
    later.run(configs(config), "dbt-postgres:build", DBT_POSTGRES_STREAMS=json.dumps(LOADED))
    before, after = loaded(read), loaded(run_tap(config))
    calls = identified([*before.calls, *awkward.calls()]) | identified(after.calls)
    key = "provider", "account", "call_id", "turn"
    turns = identified([*before.turns, *awkward.turns()], key) | identified(after.turns, key)
    agents = {stream: _either(stream, before, after) for stream in before.agents}
    return Built.by(later, Loaded(list(calls.values()), list(turns.values()), agents))


def _either(stream: str, before: Loaded, after: Loaded) -> list[Row]:
    """Return the agents of two runs, as the later one tells them."""
    key = registry.STREAMS[stream].primary_keys
    earlier, later = (identified(one.agents.get(stream, []), key) for one in (before, after))
    return list((earlier | later).values())
