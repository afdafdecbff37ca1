"""The models of dbt on DuckDB, over the files of target-jsonl, without a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from support import START, Output, configuration, run_tap, simulator

from tap_voicecalls.records.record_type import encode
from warehouses.dbt import awkward, marts
from warehouses.dbt.call_groups import Loaded, lists_of
from warehouses.dbt.marts import identified
from warehouses.dbt.warehouse import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from meltano_project import Project

    from tap_voicecalls.simulator import Simulator

    Row = dict[str, Any]

# Calls of agents over numbers of Twilio; both providers are read.
OVER_TWILIO = {
    "vapi": "00000000-0000-4000-8000-000000000001",
    "retell": "00000000-0000-4000-8000-000000000002",
}
# Fields of a call that are never null, and no part of its key.
ALWAYS_TOLD = (
    "answered_by",
    "channel",
    "direction",
    "end_reason",
    "ended_by",
    "sentiment",
    "status",
)
LISTS = ("voicy_agents", "telnyx_ai_assistants", "burki_assistants")


@dataclass(frozen=True)
class Files:
    """A folder of JSON lines, and the database that dbt makes of it.

    Attributes:
        project: Runs Meltano.
        folder: The folder.
    """

    project: Project
    folder: Path

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / "calls.duckdb"

    def meltano(self, *words: str, **settings: str) -> str:
        """Run a command of Meltano for this folder."""
        # For a database in another place, dbt would parse all of its project anew.
        (place := self.project.folder / "lines").unlink(missing_ok=True)
        place.symlink_to(self.folder)
        return self.project.run(
            "--environment=prod",
            *words,
            TARGET_JSONL_DESTINATION_PATH=str(place),
            DBT_DUCKDB_JSONL_FOLDER=str(place),
            DBT_DUCKDB_PATH=str(place / self.database.name),
            **settings,
        )

    def add(self, stream: str, rows: list[Row]) -> None:
        """Append rows as the target does."""
        with (self.folder / f"{stream}.jsonl").open("ab") as file:
            file.writelines(encode(row) + b"\n" for row in rows)

    def rows(self, model: str) -> list[Row]:
        """Return what a model holds."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            found = connection.table(f"analytics.{model}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """Providers with few calls."""
    with simulator(calls_per_day=8) as providers:
        providers.options["vonage_checks_ranges"] = False  # the tap goes by the real clock
        for agent, key in OVER_TWILIO.items():
            made: Any = {"start": START, "key": key, "seed": 40, "channel": "phone", "number": 7}
            for name in (agent, "twilio"):
                providers.world.add(name, outcome="completed", **made)
        yield providers


@pytest.fixture(scope="module")
def files(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A folder for the lines of some runs."""
    return Files(project, tmp_path_factory.mktemp("lines"))


@pytest.fixture(scope="module")
def loaded(served: Simulator, files: Files) -> Loaded:
    """Load and build by one command, beside awkward calls of earlier runs."""
    output: Output = run_tap(configuration(served))
    stale = output.records("calls")[5] | {"status": "canceled", "cost": None}
    files.add("calls", [stale, *awkward.calls()])
    files.add("call_turns", awkward.turns())
    config = files.folder / "config.json"
    config.write_text(json.dumps(configuration(served)), encoding="utf-8")
    files.meltano(
        *("run", "--state-id-suffix=lines", "tap-voicecalls", "target-jsonl", "dbt-duckdb:build"),
        TAP_VOICECALLS_CONFIG_FILE=str(config),
    )
    assert set(outcomes(files.project).values()) == {"success", "pass"}
    calls = [*output.records("calls"), *awkward.calls()]
    turns = [*output.records("call_turns"), *awkward.turns()]
    return Loaded(calls, turns, lists_of((name, output.records(name)) for name in LISTS))


@pytest.mark.parametrize("mart", marts.KEYS)
def test_marts_are_right(files: Files, loaded: Loaded, mart: str) -> None:
    """DuckDB rounds, orders nulls and reads times in its own ways."""
    key = marts.KEYS[mart]

    assert identified(files.rows(mart), key) == identified(marts.expected(mart, loaded), key)


@pytest.mark.parametrize("agent", OVER_TWILIO)
def test_a_call_over_twilio_is_one_call(files: Files, loaded: Loaded, agent: str) -> None:
    """The agent's row and the carrier's are two rows of one call, and each has its own cost."""
    key = OVER_TWILIO[agent]
    sid = f"CA{key.replace('-', '')}"
    rows = [call for call in loaded.calls if call["call_id"] in {key, sid}]
    assert {call["provider"] for call in rows} == {agent, "twilio"}

    (once,) = [row for row in files.rows("calls_once") if row["call_id"] in {key, sid}]

    assert (once["provider"], once["legs"]) == (agent, 2)
    assert once["cost"] == sum(call["cost"] for call in rows)


def test_fields_and_streams_that_are_not_there(
    files: Files, loaded: Loaded, tmp_path: Path
) -> None:
    """Who deselects fields, those with words too, and loads no turns or agents gets all models."""
    lacking = Files(files.project, tmp_path)
    left_out = {"from_number", "agent_name", "turns", *ALWAYS_TOLD}
    lacking.add("calls", [{n: v for n, v in c.items() if n not in left_out} for c in loaded.calls])

    lacking.meltano("invoke", "dbt-duckdb:build")

    results = outcomes(files.project)
    warned = {name for name, how in results.items() if how == "warn"}
    assert set(results.values()) == {"success", "pass", "warn"}
    assert warned == {f"not_null_stg_calls_{name}" for name in ALWAYS_TOLD}
    staged = lacking.rows("stg_calls")
    assert len(staged) == len(loaded.calls)
    assert {row[name] for row in staged for name in left_out} == {None}
    assert lacking.rows("stg_call_turns") == lacking.rows("repeat_callers") == []
    daily = lacking.rows("calls_daily")
    assert sum(row["unknown"] for row in daily) == sum(row["calls"] for row in daily)
    assert {row["is_listed"] for row in lacking.rows("agents")} == {False}
    assert len(lacking.rows("calls_once")) == len(files.rows("calls_once"))


def test_no_calls_at_all_is_an_error(files: Files, tmp_path: Path) -> None:
    """A wrong folder must not look like a quiet month."""
    with pytest.raises(AssertionError, match=r"there is no file .*calls\.jsonl"):
        Files(files.project, tmp_path).meltano("invoke", "dbt-duckdb:compile")
