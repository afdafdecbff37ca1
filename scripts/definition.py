"""The definitions of plugins for Meltano: what `meltano add --from-ref` and the hub read.

Settings, capabilities and commands are those of meltano.yml; the rest of the tap's definition is of
pyproject.toml and of the tap. It is laid out as the hub has it: sorted by key, and settings by
name. The package has these files too: `voicecalls-init` makes projects of them.
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

FOLDER = Path("hub")
HEADER = "# Made from meltano.yml by `make generate`.\n"
# Whose definition it is: Meltano's hub has others of the same loaders, with other defaults.
VARIANT = "voicecalls"
# What nothing else in this repository tells.
WORDS = {
    "variant": VARIANT,
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


def files(project: str, package: str) -> dict[Path, str]:
    """Return the text of each file by its path, made from meltano.yml and pyproject.toml."""
    plugins = yaml.safe_load(project)["plugins"]
    (tap,) = plugins["extractors"]
    about = tomllib.loads(package)["project"]
    written = {_path("extractors", tap): _text(definition(tap, about))}
    for kind in ("loaders", "utilities"):
        for plugin in plugins[kind]:
            written[_path(kind, plugin)] = _text({**plugin, "variant": VARIANT})
    return written


def _path(kind: str, plugin: dict[str, Any]) -> Path:
    return FOLDER / kind / f"{plugin['name']}.yml"


def _text(plugin: dict[str, Any]) -> str:
    body: str = yaml.dump(plugin, Dumper=_Plain, allow_unicode=True, width=100)
    return HEADER + body


class _Plain(yaml.SafeDumper):
    """Writes a value that several plugins share in each of them."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


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
    """Return the definition of the tap.

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
