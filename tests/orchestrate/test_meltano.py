"""The commands that a backfill gives, and what comes of those that fail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from voicecalls_meltano import MeltanoError

if TYPE_CHECKING:
    from orchestrate.conftest import Stand


def test_a_shard_is_one_run(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """A run of another state, without its part or without its log, is not this shard's."""
    with caplog.at_level(logging.INFO):
        stand.meltano.load("h1.burki", {"PART": "first"})

    words = ["el", "tap-voicecalls", "target-postgres", "--state-id", "h1.burki", "--force"]
    (asked,) = stand.asked
    assert asked["words"] == ["--environment=prod", *words]
    assert (asked["cwd"], asked["part"]) == (str(stand.folder), "first")
    assert caplog.messages == ["this is said beside"]


def test_a_run_that_fails_is_an_error(stand: Stand) -> None:
    """An engine takes what raises nothing for done."""
    with pytest.raises(MeltanoError, match=r"exit status 4: .* el tap-voicecalls"):
        stand.meltano.load("h1.burki", {"STATUS": "4"})


def test_a_command_that_fails_is_an_error(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A merge that refuses must end the backfill there, and say why."""
    monkeypatch.setenv("STATUS", "1")

    with (
        caplog.at_level(logging.INFO),
        pytest.raises(MeltanoError, match=r"exit status 1: .* state"),
    ):
        stand.meltano.state("h1.burki")
    assert caplog.messages == ["this is said beside"]
