"""What a new user of Meltano does: makes a project, adds the tap by its definition, reads calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from meltano_project import ROOT, Folder

if TYPE_CHECKING:
    from pathlib import Path

DEFINITION = ROOT / "hub/extractors/tap-voicecalls.yml"
ENVIRONMENT = f"""TAP_VOICECALLS_PIP_URL={ROOT}
TAP_VOICECALLS__USE_CACHED_CATALOG=false
"""
MADE_UP = {"simulate": True, "start_date": "2026-01-05", "end_date": "2026-01-06"}


def test_adds_the_tap_and_reads(tmp_path: Path) -> None:
    """Catches a definition that does not install, and a new provider whose streams stay unknown."""
    Folder(tmp_path).run("init", "project", "--no-usage-stats")
    project = Folder(tmp_path / "project")
    (project.folder / ".env").write_text(ENVIRONMENT, encoding="utf-8")
    project.run("add", f"--from-ref={DEFINITION}", "tap-voicecalls")
    file = project.folder / "config.json"

    for provider in ("burki", "ovia"):
        file.write_text(json.dumps({**MADE_UP, provider: {"api_key": "x"}}), encoding="utf-8")
        printed = project.run("invoke", "tap-voicecalls", TAP_VOICECALLS_CONFIG_FILE=str(file))
        assert f'{{"type":"RECORD","stream":"{provider}_calls"' in printed


OTHERS = sorted([*(ROOT / "hub/loaders").iterdir(), *(ROOT / "hub/utilities").iterdir()])
"""The definitions of loaders and utilities."""


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What Meltano has written about each of them, by its name."""
    folder = tmp_path_factory.mktemp("others")
    Folder(folder).run("init", "project", "--no-usage-stats")
    project = Folder(folder / "project")
    for file in OTHERS:
        project.run("add", "--no-install", f"--from-ref={file}", file.stem)
    written = yaml.safe_load((project.folder / "meltano.yml").read_text(encoding="utf-8"))
    plugins = written["plugins"]
    return {each["name"]: each for kind in ("loaders", "utilities") for each in plugins[kind]}


@pytest.mark.parametrize("file", OTHERS, ids=lambda file: file.stem)
def test_what_meltano_keeps_of_a_definition(file: Path, added: dict[str, dict[str, Any]]) -> None:
    """Catches a loader that is added without what makes it right: its values, and PGTZ."""
    defined = yaml.safe_load(file.read_text(encoding="utf-8"))
    kept = added[file.stem]

    for name in ("pip_url", "executable", "env"):
        assert kept.get(name) == defined.get(name)
    assert values(kept) == values(defined)


def values(plugin: dict[str, Any]) -> dict[str, object]:
    """Return the values that the settings of a plugin have from the start."""
    return {one["name"]: one["value"] for one in plugin["settings"] if "value" in one}
