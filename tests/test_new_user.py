"""What a new user of Meltano does: makes a project, adds the tap by its definition, reads calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
