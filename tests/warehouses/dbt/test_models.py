"""The models of dbt, against the same counted in plain Python."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import registry
from meltano_project import ROOT, MeltanoError

from warehouses.dbt import marts
from warehouses.dbt.marts import identified
from warehouses.dbt.warehouse import MARTS, outcomes

if TYPE_CHECKING:
    from support import Output

    from warehouses.dbt.warehouse import Built

TIMES = ("started_at", "ended_at", "updated_at")
STREAMS = [*registry.COMMON, *registry.SELECTED]
RENAMED = {"from": "from_number", "to": "to_number"}


def assert_right(state: Built, mart: str) -> None:
    """Compare a mart with the same counted in plain Python."""
    key = marts.KEYS[mart]
    expected = identified(marts.expected(mart, state.loaded), key)
    assert identified(state.warehouse.rows(mart), key) == expected


def naive(time: str) -> datetime:
    """Return a time as the staged tables have it: in UTC, without a zone."""
    return datetime.fromisoformat(time).replace(tzinfo=None)


def test_every_model_is_built_and_every_test_passes(built: Built) -> None:
    """Catches a model that PostgreSQL refuses, and a test that fails on good data."""
    off = {f"stg_{name}" for name in registry.STREAMS.keys() - registry.SELECTED}
    models = {file.stem for file in (ROOT / "transform/models").rglob("*.sql")} - off

    assert {name for name, how in built.outcomes.items() if how == "success"} == models
    assert {how for name, how in built.outcomes.items() if name not in models} == {"pass"}
    assert len(models) == len(STREAMS) + len(marts.KEYS)


@pytest.mark.parametrize("mart", marts.KEYS)
def test_marts_are_right(built: Built, mart: str) -> None:
    """Catches what one command leaves undone between the providers and the marts."""
    assert_right(built, mart)


@pytest.mark.parametrize("mart", marts.KEYS)
def test_marts_are_right_after_the_next_run(built: Built, rebuilt: Built, mart: str) -> None:
    """Catches days kept as first counted, and what only awkward calls show.

    That is calls counted twice or not at all, currencies in one sum, rounded money, a division by
    nothing, an agent under its old name.
    """
    key = marts.KEYS[mart]
    before, after = (
        identified(marts.expected(mart, state.loaded), key) for state in (built, rebuilt)
    )
    simulated = {name for name in before if name[1] != "telnyx"}

    assert_right(rebuilt, mart)
    assert any(before[name] != after.get(name) for name in simulated)


def test_calls_are_staged_as_they_are(rebuilt: Built) -> None:
    """Catches a time moved by the session's zone, which is far from UTC, and a lost digit."""
    expected = [
        call | {name: call[name] and naive(call[name]) for name in TIMES}
        for call in rebuilt.loaded.calls
    ]

    assert identified(rebuilt.warehouse.rows("stg_calls")) == identified(expected)


def test_times_with_a_zone_become_utc(rebuilt: Built, read: Output) -> None:
    """Catches a column with a zone, as some targets make it, told in the session's zone."""
    staged = [row["stored_at"] for row in rebuilt.warehouse.rows("stg_telnyx_call_reports")]
    reports = read.records("telnyx_call_reports")

    assert sorted(staged) == sorted(naive(report["stored_at"]) for report in reports)


@pytest.mark.parametrize("stream", STREAMS)
def test_views_have_the_fields_of_the_schemas(built: Built, stream: str) -> None:
    """Catches a field that a stream has and dbt's users do not get."""
    fields = registry.schema_of(stream)["properties"]

    assert built.warehouse.columns(f"stg_{stream}") == [
        RENAMED.get(n) or re.sub("([A-Z])", r"_\1", n).lower() for n in fields
    ]


def test_every_column_is_described(built: Built) -> None:
    """Catches a column that dbt's documentation does not know, and one that it invents."""
    columns = {name: built.warehouse.columns(name) for name in built.described}

    assert columns == built.described


def test_streams_that_are_not_loaded_are_left_out(rebuilt: Built) -> None:
    """Catches a build that asks for a table that nobody loads."""
    assert set(rebuilt.outcomes.values()) == {"success", "pass"}
    assert {name for name in rebuilt.outcomes if name.startswith("stg_")} == {
        f"stg_{name}" for name in STREAMS if name != "telnyx_detail_records"
    }


def test_fields_and_streams_that_are_not_there(built: Built) -> None:
    """Who deselects numbers, and loads neither turns nor agents, still gets all models."""
    lacking = built.warehouse.copy()
    lacking.execute(
        "alter table voicecalls.calls drop column from_number cascade",
        "alter table voicecalls.calls drop column turns cascade",
        "drop table voicecalls.call_turns cascade",
        "drop table voicecalls.burki_assistants cascade",
    )

    lacking.dbt("build", "--select", MARTS)

    found = outcomes(lacking.project)
    assert set(found.values()) == {"success", "pass"}
    assert marts.KEYS.keys() <= found.keys()
    staged = lacking.rows("stg_calls")
    assert len(staged) == len(built.loaded.calls)
    assert {(row["from_number"], row["turns"]) for row in staged} == {(None, None)}
    assert lacking.rows("stg_call_turns") == lacking.rows("repeat_callers") == []
    listed = {row["provider"] for row in lacking.rows("agents") if row["is_listed"]}
    assert listed == {"voicy", "telnyx"}


def test_no_calls_at_all_is_an_error(built: Built) -> None:
    """A wrong schema must not look like a quiet month."""
    lacking = built.warehouse.copy()
    lacking.execute("drop table voicecalls.calls cascade")

    with pytest.raises(MeltanoError, match="there is no table `calls` in the schema"):
        lacking.dbt("compile")
