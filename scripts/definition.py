"""The definition of the tap for Meltano: what `meltano add --from-ref` and the hub read.

Settings and capabilities are those of meltano.yml, the rest is of pyproject.toml and of the tap.
It is laid out as the hub has it: sorted by key, and settings by name.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings.schema import settings_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = Path("hub/extractors/tap-voicecalls.yml")
HEADER = "# Made from meltano.yml by `make generate`.\n"
# What nothing else in this repository tells.
WORDS = {
    "variant": "voicecalls",
    "label": "Voice Calls",
    "maintenance_status": "beta",
    "quality": "unknown",  # the hub's to tell
    "log_parser": "singer-sdk",
    # Wherever a team keeps the package: a folder, a repository, or a name in its index.
    "pip_url": "$TAP_VOICECALLS_PIP_URL",
    "prereq": "`TAP_VOICECALLS_PIP_URL`, in the environment or in `.env`: where to install the "
    "package from.",
    "settings_preamble": "A provider is read as soon as one of its settings is given. With "
    "`config_file`, also set the extra `_use_cached_catalog` to `false`: the file may change, and "
    "with it the streams.",
    "usage": "To try it with no account anywhere, set `start_date` and `simulate`, and any key.",
}


def text(project: str, package: str) -> str:
    """Return the file, made from the texts of meltano.yml and pyproject.toml."""
    (tap,) = yaml.safe_load(project)["plugins"]["extractors"]
    about = tomllib.loads(package)["project"]
    body: str = yaml.safe_dump(definition(tap, about), allow_unicode=True, width=100)
    return HEADER + body


def pythons(classifiers: list[str]) -> list[str]:
    """Return the versions of Python that the package supports."""
    prefix = "Programming Language :: Python :: "
    return [name.removeprefix(prefix) for name in classifiers if name.startswith(prefix)]


def combinations() -> Iterator[list[str]]:
    """Yield each set of settings that is enough to run: one a provider, or all in a file."""
    ours = settings_schema(PROVIDERS)
    yield ["config_file"]
    for provider in PROVIDERS:
        for own in provider.required_keys():
            yield sorted([*ours["required"], *(f"{provider.name}.{name}" for name in own)])


def definition(tap: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """Return the definition.

    Args:
        tap: The extractor of meltano.yml.
        about: The project of pyproject.toml.
    """
    return {
        **{name: tap[name] for name in ("name", "namespace", "executable")},
        **WORDS,
        "capabilities": sorted(tap["capabilities"]),
        "commands": tap["commands"],
        "description": about["description"],
        "select": tap["select"],
        "keywords": sorted([*about["keywords"], "meltano_sdk"]),
        "settings": sorted(tap["settings"], key=lambda setting: str(setting["name"])),
        "settings_group_validation": sorted(combinations()),
        "supported_python_versions": pythons(about["classifiers"]),
    }
