"""What `voicecalls-init` writes, for every choice there is."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from meltano_project import ROOT, schema

from tap_voicecalls.project.choices import LOADERS, Choices
from tap_voicecalls.project.contents import contents
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings.load import load_settings
from tap_voicecalls.settings.schema import settings_schema

if TYPE_CHECKING:
    from pathlib import Path


def written(loader: str = "postgres", *, simulated: bool = False, **more: Any) -> dict[str, str]:  # noqa: ANN401
    """Return the files of a project with all providers, by their paths."""
    given = {"dags": False, "start_date": date(2026, 2, 1), "pip_url": "tap", **more}
    choices = Choices(tuple(PROVIDERS), LOADERS[loader], simulated=simulated, **given)
    return {path.as_posix(): text for path, text in contents(choices).items()}


def variables(text: str) -> dict[str, str]:
    """Return the variables that a file of settings names, the commented ones too."""
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("loader", LOADERS)
def test_meltano_knows_every_word(loader: str) -> None:
    """Catches a misspelt key, which Meltano passes over, and a plugin without its definition."""
    files = written(loader)
    project = yaml.safe_load(files["meltano.yml"])

    Draft202012Validator(schema()).validate(project)
    plugins = [(kind, p) for kind, all_of in project["plugins"].items() for p in all_of]
    assert {name for name in files if name.startswith("plugins/")} == {
        f"plugins/{kind}/{plugin['name']}--{plugin['variant']}.lock" for kind, plugin in plugins
    }
    for kind, plugin in plugins:
        lock = json.loads(files[f"plugins/{kind}/{plugin['name']}--{plugin['variant']}.lock"])
        known = {setting["name"] for setting in lock["settings"]}
        assert set(plugin.get("config", {})) <= known, plugin["name"]


@pytest.mark.parametrize("loader", LOADERS)
def test_the_recommended_settings_are_there(loader: str) -> None:
    """Catches times that shift, or calls that are appended: what meltano.yml of the clone sets."""
    told = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (ours,) = [p for p in told["plugins"]["loaders"] if p["name"] == f"target-{loader}"]
    (theirs,) = yaml.safe_load(written(loader)["meltano.yml"])["plugins"]["loaders"]

    values = {
        setting["name"]: setting["value"] for setting in ours["settings"] if "value" in setting
    }
    assert theirs["config"] == values
    assert theirs.get("env") == ours.get("env")


def test_each_key_is_named_as_the_tap_reads_it() -> None:
    """Catches a variable that sets nothing: the first keys of each provider are enough to run."""
    text = written("jsonl")[".env.example"]
    given = {name: "x" for name, value in variables(text).items() if value == ""}
    alternatives = {
        f"TAP_VOICECALLS_{provider.name}_{key}".upper()
        for provider in PROVIDERS
        for keys in provider.required_keys()
        for key in keys
    }

    assert given.keys() == alternatives
    first = dict.fromkeys(re.findall(r"^([A-Z_]+)=$", text, re.MULTILINE), "x")
    loaded = load_settings(
        {"start_date": "2026-01-05"},
        environ=first,
        schema=settings_schema(PROVIDERS),
        providers=PROVIDERS,
    )
    assert {provider.name for provider in PROVIDERS} <= loaded.keys()


def test_the_selection_is_written_out() -> None:
    """Catches a list that `meltano select` replaces instead of adding to it."""
    (tap,) = yaml.safe_load(written()["meltano.yml"])["plugins"]["extractors"]

    assert {"calls.*", "burki_calls.*"} <= set(tap["select"])
    assert "burki_transcripts.*" not in tap["select"]


def test_no_key_is_on_in_a_simulated_project() -> None:
    """Catches an empty key in .env, which would win over the made-up one."""
    text = written("jsonl", simulated=True)[".env.example"]

    assert re.findall(r"^TAP_VOICECALLS.*$", text, re.MULTILINE) == []


def test_simulated_calls_are_kept_apart() -> None:
    """Catches made-up calls in the tables of the real ones."""
    for loader in ("postgres", "snowflake"):
        project = yaml.safe_load(written(loader)["meltano.yml"])
        (simulated, prod) = project["environments"]
        (apart,) = simulated["config"]["plugins"]["loaders"]
        (real,) = project["plugins"]["loaders"]

        assert prod == {"name": "prod"}
        assert apart["config"]["default_target_schema"] != real["config"]["default_target_schema"]
    assert "$MELTANO_ENVIRONMENT" in written("jsonl")["meltano.yml"]


@pytest.mark.parametrize(("dags", "there"), [(True, True), (False, False)])
def test_dags_are_written_if_they_are_asked_for(*, dags: bool, there: bool) -> None:
    """Catches a project for Airflow without its DAG."""
    files = written(dags=dags)

    assert ("orchestrate/dags/voicecalls_backfill.py" in files) is there
    assert ("orchestrate/dags/" in files["README.md"]) is there


def test_the_shipped_files_are_complete() -> None:
    """Catches a query or a model that a project lacks."""
    files = written()
    for folder in ("queries", "transform/models", "transform/macros", "transform/tests"):
        found: set[Path] = {path for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert {path.relative_to(ROOT).as_posix() for path in found} <= files.keys()
