"""The tap's definition for Meltano: of one piece with meltano.yml, and fit for the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from meltano_project import ROOT
from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings.load import load_settings
from tap_voicecalls.settings.schema import settings_schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DEFINITION = ROOT / "hub/extractors/tap-voicecalls.yml"
# What the hub takes of an extractor, beside what it asks of each.
REQUIRED = {"name", "namespace", "variant", "quality"}
OPTIONAL = {
    *("capabilities", "commands", "definition", "description", "docs", "domain_url", "executable"),
    *("hidden", "keywords", "label", "log_parser", "logo_url", "maintenance_status", "metadata"),
    *("next_steps", "pip_url", "prereq", "python", "repo", "requires", "schema", "select"),
    *("settings", "settings_group_validation", "settings_preamble", "supported_python_versions"),
    "usage",
}


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    """The definition."""
    read: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    return read


def test_the_hub_takes_it(definition: dict[str, Any]) -> None:
    """Catches a key that the hub refuses or misses, and a word that it does not know."""
    assert REQUIRED <= definition.keys() <= REQUIRED | OPTIONAL
    assert definition["maintenance_status"] in {"active", "beta", "development", "inactive"}
    assert definition["quality"] in {"gold", "silver", "bronze", "unknown"}


def test_each_combination_of_settings_is_just_enough(
    definition: dict[str, Any], tmp_path: Path
) -> None:
    """Catches a requirement that Meltano does not tell of, and one that is none."""
    file = tmp_path / "config.json"
    file.write_text('{"start_date": "2026-01-05", "burki": {"api_key": "x"}}', encoding="utf-8")
    values = {"start_date": "2026-01-05", "config_file": str(file)}

    def load(names: Iterable[str]) -> None:
        variables = {
            f"TAP_VOICECALLS_{name.upper().replace('.', '_')}": values.get(name, "x")
            for name in names
        }
        schema = settings_schema(PROVIDERS)
        load_settings({}, environ=variables, schema=schema, providers=PROVIDERS)

    sets = sum(len(provider.required_keys()) for provider in PROVIDERS)
    assert len(definition["settings_group_validation"]) == sets + 1
    for names in definition["settings_group_validation"]:
        load(names)
        for left_out in names:
            with pytest.raises(ConfigValidationError):
                load(set(names) - {left_out})
