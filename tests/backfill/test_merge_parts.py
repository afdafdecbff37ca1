"""Bookmarks of parts in merged states: no part is read again, and no gap counts as read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tap_voicecalls.backfill.merge import merge_states
from tap_voicecalls.backfill.plan import Piece, Plan, Shard, shard
from tap_voicecalls.common.windows import Window

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
STREAM = "vonage_voice_reports"


def text(hours: int) -> str:
    """Return the time a number of hours after the start."""
    return (START + hours * HOUR).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def piece(product: str | None, start: int, end: int) -> Shard:
    """Make a shard of some hours."""
    window = Window(START + start * HOUR, START + end * HOUR)
    return shard(Piece("vonage", "emea", product, (STREAM,), window))


def state(**parts: int) -> dict[str, Any]:
    """Return a shard's state, as a run of some parts writes it."""
    partition = {
        "context": {"account": "emea"},
        "replication_key": "start_time",
        "replication_key_value": text(min(parts.values())),
        "parts": {part: text(at) for part, at in parts.items()},
    }
    return {STREAM: [partition]}


def plan_of(*shards: Shard) -> Plan:
    """Make a plan of ten hours."""
    return Plan(
        made_at=START + timedelta(days=365),
        start_date=START,
        end_date=START + 10 * HOUR,
        shards=list(shards),
    )


def partition_of(found: dict[str, Any]) -> dict[str, Any]:
    """Return the merged state of the stream's only account."""
    (partition,) = found["bookmarks"][STREAM]["partitions"]
    return dict(partition)


def test_each_product_has_its_own_bookmark() -> None:
    """Without them, the scheduled run reads, and pays for, all products again."""
    shards = [piece("ASR", 0, 5), piece("ASR", 5, 10), piece("AMD", 0, 10)]
    states = [state(ASR=5), state(ASR=10), state(AMD=10)]

    found = merge_states(
        plan_of(*shards), {s.state_id: t for s, t in zip(shards, states, strict=True)}
    )

    assert found.undone == []
    assert partition_of(found.state)["parts"] == {"ASR": text(10), "AMD": text(10)}
    assert partition_of(found.state)["replication_key_value"] == text(10)


def test_a_gap_in_one_product_does_not_affect_others() -> None:
    """With `--partial`, a complete product is not read again because of another one."""
    shards = [piece("ASR", 0, 5), piece("ASR", 5, 10), piece("AMD", 0, 10)]
    states = {shards[1].state_id: state(ASR=10), shards[2].state_id: state(AMD=10)}

    found = merge_states(plan_of(*shards), states)

    assert found.undone == [f"{shards[0].state_id} has not run"]
    assert partition_of(found.state)["parts"] == {"AMD": text(10)}
    assert partition_of(found.state)["replication_key_value"] == text(0)


@pytest.mark.parametrize("behind", [5, 7])
def test_an_incomplete_part_ends_at_its_own_bookmark(behind: int) -> None:
    """Other parts of the same shard are complete."""
    shards = [piece(None, 0, 5), piece(None, 5, 10)]
    states = {
        shards[0].state_id: state(webrtc=5, amd=5),
        shards[1].state_id: state(webrtc=10, amd=behind),
    }

    found = merge_states(plan_of(*shards), states)

    assert len(found.undone) == 1
    assert "is incomplete" in found.undone[0]
    assert partition_of(found.state)["parts"] == {"webrtc": text(10), "amd": text(behind)}


def test_a_state_of_another_run_is_rejected() -> None:
    """A bookmark after the end of its shard was written by another run."""
    shards = [piece("ASR", 0, 5), piece("ASR", 5, 10)]
    states = {shards[0].state_id: state(ASR=9), shards[1].state_id: state(ASR=10)}

    found = merge_states(plan_of(*shards), states)

    assert len(found.undone) == 1
    assert "has the state of another run" in found.undone[0]
