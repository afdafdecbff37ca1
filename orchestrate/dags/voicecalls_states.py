"""Merges the states of all shards into the state of scheduled runs."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicecalls_meltano import Meltano


class StateExistsError(RuntimeError):
    """Scheduled runs already have another state."""


def hand_over(meltano: Meltano, plan: Path, shards: Iterable[dict[str, Any]]) -> None:
    """Set the state of scheduled runs to the merged state of the shards.

    Args:
        meltano: The project.
        plan: The plan file.
        shards: Its shards.

    Raises:
        MeltanoError: A shard is incomplete.
        StateExistsError: Scheduled runs have another state, which may be later.
    """
    with TemporaryDirectory() as folder:
        states = Path(folder, "states")
        _save(meltano, shards, states)
        merged = meltano.merged(plan, states)
        if _is_missing(meltano, merged):
            file = Path(folder, "state.json")
            file.write_text(merged, encoding="utf-8")
            meltano.set_state(meltano.scheduled, file)


def _save(meltano: Meltano, shards: Iterable[dict[str, Any]], folder: Path) -> None:
    folder.mkdir()
    for name in (shard["state_id"] for shard in shards):
        (folder / f"{name}.json").write_text(meltano.state(name), encoding="utf-8")


def _is_missing(meltano: Meltano, merged: str) -> bool:
    """Return whether the state must be set; another state is never overwritten."""
    existing = json.loads(meltano.state(meltano.scheduled))
    if existing and existing != json.loads(merged):
        clear = f"meltano --environment={meltano.environment} state clear {meltano.scheduled}"
        msg = (
            f"{meltano.scheduled} already has a state, which may be later, so it was not changed. "
            f"To continue from the backfill instead, run `{clear}`, and clear this task"
        )
        raise StateExistsError(msg)
    return not existing
