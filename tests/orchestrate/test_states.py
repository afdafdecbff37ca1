"""Scheduled runs go on where the shards have ended, and nothing that they had is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from voicecalls_states import StateExistsError, hand_over

if TYPE_CHECKING:
    from orchestrate.conftest import Stand

SCHEDULED = "prod:tap-voicecalls-to-target-postgres"
SHARDS = [{"state_id": "h1.a"}, {"state_id": "h1.b"}]
OWN: dict[str, Any] = {"h1.a": {"singer_state": {"to": 1}}, "h1.b": {"singer_state": {"to": 2}}}
MERGED = {"merged": OWN}


def test_the_states_of_all_shards_become_one(stand: Stand) -> None:
    """A state that lacks a shard's, or lies under another id, has the next run read all again."""
    stand.states = OWN

    hand_over(stand.meltano, stand.folder / "plan.json", SHARDS)

    assert stand.states == OWN | {SCHEDULED: MERGED}


def test_a_state_of_scheduled_runs_is_kept(stand: Stand) -> None:
    """It may be further on than the backfill: to lose it reads all that lies between once more."""
    further = OWN | {SCHEDULED: {"singer_state": {"to": 3}}}
    stand.states = further

    with pytest.raises(StateExistsError, match=f"--environment=prod state clear {SCHEDULED}"):
        hand_over(stand.meltano, stand.folder / "plan.json", SHARDS)
    assert stand.states == further


def test_it_may_be_done_twice(stand: Stand) -> None:
    """A task that is tried again after it has set the state finds that all is well."""
    for _ in range(2):
        stand.states = OWN | stand.states
        hand_over(stand.meltano, stand.folder / "plan.json", SHARDS)

    assert [asked["words"][1:3] for asked in stand.asked].count(["state", "set"]) == 1
