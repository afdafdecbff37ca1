"""The merged state becomes that of scheduled runs, and never replaces another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from voicecalls_states import StateExistsError, hand_over

if TYPE_CHECKING:
    from orchestrate.conftest import FakeMeltano

SCHEDULED = "prod:tap-voicecalls-to-target-postgres"
SHARDS = [{"state_id": "h1.a"}, {"state_id": "h1.b"}]
OWN: dict[str, Any] = {"h1.a": {"singer_state": {"to": 1}}, "h1.b": {"singer_state": {"to": 2}}}
MERGED = {"merged": OWN}


def test_the_states_of_all_shards_are_merged(fake: FakeMeltano) -> None:
    """A missing shard, or a wrong state id, would make the next run read the history again."""
    fake.states = OWN

    hand_over(fake.meltano, fake.folder / "plan.json", SHARDS)

    assert fake.states == OWN | {SCHEDULED: MERGED}


def test_an_existing_state_is_kept(fake: FakeMeltano) -> None:
    """It may be later than the backfill; replacing it would read the time between again."""
    later = OWN | {SCHEDULED: {"singer_state": {"to": 3}}}
    fake.states = later

    with pytest.raises(StateExistsError, match=f"--environment=prod state clear {SCHEDULED}"):
        hand_over(fake.meltano, fake.folder / "plan.json", SHARDS)
    assert fake.states == later


def test_a_retry_succeeds_after_the_state_was_set(fake: FakeMeltano) -> None:
    """A second call finds the merged state, and does not set it again."""
    for _ in range(2):
        fake.states = OWN | fake.states
        hand_over(fake.meltano, fake.folder / "plan.json", SHARDS)

    assert [command["words"][1:3] for command in fake.commands].count(["state", "set"]) == 1
