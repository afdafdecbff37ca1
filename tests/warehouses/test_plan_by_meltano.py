"""The commands `plan` and `merge` that meltano.yml gives the tap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from meltano_project import MeltanoError

if TYPE_CHECKING:
    from pathlib import Path

    from meltano_project import Project

INVOKE = ("--environment=prod", "invoke")
SETTINGS = {
    "TAP_VOICECALLS_START_DATE": "2026-01-01",
    "TAP_VOICECALLS_END_DATE": "2026-01-03",
    "TAP_VOICECALLS_OVIA_API_KEY": "some-key",
}


def test_a_user_of_meltano_needs_no_file_of_settings(project: Project, tmp_path: Path) -> None:
    """A plan is made of the settings that Meltano keeps; a merge asks for shards that are not done.

    Both are of the plugin's own environment, of which a user knows no path.
    """
    plan = project.output(*INVOKE, "tap-voicecalls:plan", "--days", "31", **SETTINGS)
    (file := tmp_path / "plan.json").write_text(plan, encoding="utf-8")
    (shard,) = json.loads(file.read_bytes())["shards"]
    (states := tmp_path / "states").mkdir()

    with pytest.raises(MeltanoError, match=f"{shard['state_id']} has not run"):
        project.run(*INVOKE, "tap-voicecalls:merge", str(file), str(states))
    assert shard["provider"] == "ovia"
