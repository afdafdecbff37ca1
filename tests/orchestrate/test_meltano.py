"""The Meltano commands of a backfill, and their failures."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from voicecalls_meltano import MeltanoError

if TYPE_CHECKING:
    from orchestrate.conftest import FakeMeltano


def test_a_shard_is_loaded_by_one_run(fake: FakeMeltano, caplog: pytest.LogCaptureFixture) -> None:
    """The run gets the shard's state id and environment, and its output is logged."""
    with caplog.at_level(logging.INFO):
        fake.meltano.load("h1.burki", {"PART": "first"})

    words = ["el", "tap-voicecalls", "target-postgres", "--state-id", "h1.burki", "--force"]
    (command,) = fake.commands
    assert command["words"] == ["--environment=prod", *words]
    assert (command["cwd"], command["part"]) == (str(fake.folder), "first")
    assert caplog.messages == ["a line of the log"]


def test_a_failed_run_is_an_error(fake: FakeMeltano) -> None:
    """An orchestrator treats a task that raises nothing as successful."""
    with pytest.raises(MeltanoError, match=r"exit status 4: .* el tap-voicecalls"):
        fake.meltano.load("h1.burki", {"STATUS": "4"})


def test_a_failed_command_is_an_error(
    fake: FakeMeltano, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed merge ends the backfill, and its reason is in the log."""
    monkeypatch.setenv("STATUS", "1")

    with (
        caplog.at_level(logging.INFO),
        pytest.raises(MeltanoError, match=r"exit status 1: .* state"),
    ):
        fake.meltano.state("h1.burki")
    assert caplog.messages == ["a line of the log"]
