"""`meltano config test` tells an account that fails from ones that work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from meltano_project import MeltanoError
from support import configuration, simulator

if TYPE_CHECKING:
    from pathlib import Path

    from meltano_project import Project


def test_meltano_tests_all_accounts(project: Project, tmp_path: Path) -> None:
    """Catches a release of Meltano that asks in another way: it would be green with a wrong key."""
    file = tmp_path / "config.json"
    with simulator() as served:
        config = configuration(served, "burki")
        second = {"account": "munich", "api_key": config["burki"]["api_key"]}
        config["burki"]["accounts"] = [{"account": "berlin"}, second]
        file.write_text(json.dumps(config), encoding="utf-8")
        words = ("config", "test", "tap-voicecalls")
        assert "configuration is valid" in project.run(*words, TAP_VOICECALLS_CONFIG_FILE=str(file))

        second["api_key"] = "another-key"
        file.write_text(json.dumps(config), encoding="utf-8")
        with pytest.raises(MeltanoError) as caught:
            project.run(*words, TAP_VOICECALLS_CONFIG_FILE=str(file))

    text = str(caught.value)
    assert "configuration is invalid" in text
    assert "burki (account munich), burki_assistants: 401 Unauthorized" in text
    assert "the provider rejected `burki.api_key`" in text
