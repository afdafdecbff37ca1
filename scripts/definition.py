"""Print the definition of the tap for Meltano: what `meltano add --from-ref` and the hub read.

Settings and capabilities are those of meltano.yml, the rest is of pyproject.toml and of the tap.
It is laid out as the hub has it: sorted by key, and settings by name.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings.schema import settings_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
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


def extractor() -> dict[str, Any]:
    """Return the tap as meltano.yml declares it."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (tap,) = project["plugins"]["extractors"]
    declared: dict[str, Any] = tap
    return declared


def package() -> dict[str, Any]:
    """Return what pyproject.toml says of the package."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project: dict[str, Any] = told["project"]
    return project


def pythons(classifiers: list[str]) -> list[str]:
    """Return the versions of Python that the package supports."""
    prefix = "Programming Language :: Python :: "
    return [name.removeprefix(prefix) for name in classifiers if name.startswith(prefix)]


def combinations() -> Iterator[list[str]]:
    """Yield each set of settings that is enough to run: one a provider, or all in a file."""
    ours = settings_schema(PROVIDERS)
    yield ["config_file"]
    for provider in PROVIDERS:
        own = ours["properties"][provider.name]["else"]["required"]
        yield sorted([*ours["required"], *(f"{provider.name}.{name}" for name in own)])


def definition() -> dict[str, Any]:
    """Return the definition."""
    tap, about = extractor(), package()
    return {
        **{name: tap[name] for name in ("name", "namespace", "executable")},
        **WORDS,
        "capabilities": sorted(tap["capabilities"]),
        "commands": tap["commands"],
        "description": about["description"],
        "keywords": sorted([*about["keywords"], "meltano_sdk"]),
        "settings": sorted(tap["settings"], key=lambda setting: str(setting["name"])),
        "settings_group_validation": sorted(combinations()),
        "supported_python_versions": pythons(about["classifiers"]),
    }


if __name__ == "__main__":
    sys.stdout.write(HEADER)
    yaml.safe_dump(definition(), sys.stdout, allow_unicode=True, width=100)
