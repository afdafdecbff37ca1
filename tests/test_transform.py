"""The dbt project in transform/ says the same as the tap itself; tests/warehouses/dbt runs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tap_voicecalls.calls.call import Channel, Direction, Status
from tap_voicecalls.providers import PROVIDERS

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "transform/models"
OF_DUCKDB = {"VOICECALLS_JSONL"}
OF_DBT = {"DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH"}
VOCABULARIES = {
    "provider": [provider.name for provider in PROVIDERS],
    "direction": list(get_args(Direction)),
    "status": list(get_args(Status)),
    "channel": list(get_args(Channel)),
}


def columns(file: str) -> dict[str, dict[str, Any]]:
    """Return what dbt is told of a model's columns, by their names."""
    (model,) = yaml.safe_load((MODELS / file).read_text(encoding="utf-8"))["models"]
    return {column["name"]: column for column in model["columns"]}


def arguments(column: dict[str, Any], test: str) -> dict[str, Any]:
    """Return what a test of a column is told."""
    found: dict[str, Any] = next(t[test] for t in column["data_tests"] if test in t)["arguments"]
    return found


@pytest.mark.parametrize("field", VOCABULARIES)
def test_vocabularies_are_those_of_calls(field: str) -> None:
    """Catches a word that the tap writes and dbt refuses, and one that dbt lets pass in vain."""
    staged = columns("staging/stg_calls.yml")[field]

    assert arguments(staged, "accepted_values")["values"] == VOCABULARIES[field]


@pytest.mark.parametrize("mart", ["calls_daily", "agent_daily"])
def test_each_status_is_counted(mart: str) -> None:
    """Catches a status that no column counts, before the first call has it."""
    told = columns(f"marts/{mart}.yml")

    assert arguments(told["calls"], "is_sum_of")["columns"] == VOCABULARIES["status"]
    assert VOCABULARIES["status"] == [name for name in told if name in VOCABULARIES["status"]]


@pytest.mark.parametrize("database", ["postgres", "duckdb"])
def test_meltano_sets_what_dbt_reads(database: str) -> None:
    """Catches a setting that changes nothing, and a variable that no setting sets."""
    meltano = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (utility,) = [u for u in meltano["plugins"]["utilities"] if u["name"] == f"dbt-{database}"]
    given = {s.get("env", f"DBT_POSTGRES_{s['name'].upper()}") for s in utility["settings"]}
    other = {"postgres": "duckdb", "duckdb": "postgres"}[database]
    files = [
        file
        for file in (ROOT / "transform").rglob("*.*")
        if file.is_file() and file.parent.name != other
    ]
    texts = "".join(file.read_text(encoding="utf-8") for file in files)
    read = set(re.findall(r"env_var\('+(\w+)'", texts))

    assert given == OF_DBT | (read - OF_DUCKDB if database == "postgres" else read)
