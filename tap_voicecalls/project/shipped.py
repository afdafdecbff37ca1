"""Where the files are that come with the package beside its code.

In a wheel they are within the package; in a clone they are where people look for them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import yaml

Folder = Literal["hub", "queries", "transform", "orchestrate/dags"]
PluginKind = Literal["extractors", "loaders", "utilities"]

_IN_WHEEL = Path(__file__).parent / "files"
_CLONE = Path(__file__).parents[2]
# What tools leave in a clone.
_LEFT_OVERS = frozenset({"__pycache__", "target", "logs", "dbt_packages"})


def root() -> Path:
    """Return the folder with the folders of shipped files."""
    return _IN_WHEEL if _IN_WHEEL.is_dir() else _CLONE


def folder(name: Folder) -> Path:
    """Return a folder of shipped files."""
    return root() / name


def files(name: Folder) -> dict[Path, str]:
    """Return the text of each file in a folder of shipped files, by its path in there."""
    parent = folder(name)
    paths = (path.relative_to(parent) for path in sorted(parent.rglob("*")) if path.is_file())
    return {
        path: (parent / path).read_text(encoding="utf-8")
        for path in paths
        if not _LEFT_OVERS & set(path.parts)
    }


def definition(kind: PluginKind, plugin: str) -> dict[str, Any]:
    """Return the definition of a plugin for Meltano."""
    text = (folder("hub") / kind / f"{plugin}.yml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def lock_file(kind: PluginKind, plugin: str) -> tuple[Path, str]:
    """Return the path and the text of a plugin's lock file.

    Meltano reads the definition from there, so that meltano.yml has only what is the project's own.
    """
    defined = definition(kind, plugin)
    path = Path("plugins", kind, f"{plugin}--{defined['variant']}.lock")
    return path, json.dumps({"plugin_type": kind, **defined}, indent=2, ensure_ascii=False) + "\n"
