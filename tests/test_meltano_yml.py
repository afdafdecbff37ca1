"""meltano.yml says the same as the tap itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import meltano_project
import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

KINDS = {"integer": "integer", "number": "integer", "boolean": "boolean", "array": "array"}
"""The kind that a setting's JSON type asks for, where Meltano would else hand over text."""


def leaves(properties: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Name every setting as Meltano does; `__names__` are a stream map's, not settings."""
    for name, schema in properties.items():
        nested = {k: v for k, v in schema.get("properties", {}).items() if not k.startswith("__")}
        if nested:
            yield from leaves(nested, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", schema


@pytest.fixture(scope="module")
def about() -> dict[str, Any]:
    """What the tap says of itself."""
    result = CliRunner().invoke(TapVoiceCalls.cli, ["--about", "--format=json"])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


@pytest.fixture(scope="module")
def accepted(about: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings that the tap accepts, by Meltano's name of each."""
    return dict(leaves(about["settings"]["properties"]))


@pytest.fixture(scope="module")
def extractor() -> dict[str, Any]:
    """The tap as meltano.yml declares it."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (tap,) = project["plugins"]["extractors"]
    declared: dict[str, Any] = tap
    return declared


@pytest.fixture(scope="module")
def settings(extractor: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings that meltano.yml declares, by name."""
    return {setting["name"]: setting for setting in extractor["settings"]}


def test_every_setting_is_declared_and_none_beside(
    accepted: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Catches a setting that Meltano cannot pass on, and one that the tap does not know."""
    assert sorted(settings) == sorted(accepted)


def test_secrets_are_sensitive(
    accepted: dict[str, dict[str, Any]], settings: dict[str, dict[str, Any]]
) -> None:
    """Catches a key that Meltano would show in clear."""
    secret = {name for name, schema in accepted.items() if schema.get("secret")}

    assert secret
    assert {name for name, setting in settings.items() if setting.get("sensitive")} == secret


def test_no_nested_setting_has_a_value(settings: dict[str, dict[str, Any]]) -> None:
    """Catches a default that would switch a provider on."""
    assert [name for name, setting in settings.items() if "." in name and "value" in setting] == []


def test_kinds_follow_the_types(
    accepted: dict[str, dict[str, Any]], settings: dict[str, dict[str, Any]]
) -> None:
    """Catches a number or a list that comes from an environment variable and arrives as text."""
    asked = {
        name: KINDS[kind]
        for name, schema in accepted.items()
        for kind in schema.get("type", [])
        if kind in KINDS
    }

    assert {name: settings[name].get("kind") for name in asked} == asked


def test_capabilities_are_the_taps(about: dict[str, Any], extractor: dict[str, Any]) -> None:
    """Catches a capability that Meltano leaves unused, or relies on in vain."""
    assert sorted(extractor["capabilities"]) == sorted(about["capabilities"])


def test_every_setting_is_described(settings: dict[str, dict[str, Any]]) -> None:
    """Catches a setting that a user of Meltano has to guess at."""
    assert [
        name for name, s in settings.items() if not (s.get("label") and s.get("description"))
    ] == []


def test_it_keeps_to_meltanos_schema() -> None:
    """Catches a word that Meltano does not know and passes over, such as a misspelt one."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))

    Draft202012Validator(meltano_project.schema()).validate(project)
