"""From the states of all shards to the one from which scheduled runs go on."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicecalls_meltano import Meltano


class StateExistsError(RuntimeError):
    """Scheduled runs have a state of their own already."""


def hand_over(meltano: Meltano, plan: Path, shards: Iterable[dict[str, Any]]) -> None:
    """Let scheduled runs go on where the shards have ended.

    Args:
        meltano: The project.
        plan: The plan's file.
        shards: Its shards.

    Raises:
        MeltanoError: A shard is not through.
        StateExistsError: There is another state already, which may be further on.
    """
    with TemporaryDirectory() as folder:
        states = Path(folder, "states")
        _keep(meltano, shards, states)
        merged = meltano.merged(plan, states)
        if _is_needed(meltano, merged):
            file = Path(folder, "state.json")
            file.write_text(merged, encoding="utf-8")
            meltano.set_state(meltano.scheduled, file)


def _keep(meltano: Meltano, shards: Iterable[dict[str, Any]], folder: Path) -> None:
    folder.mkdir()
    for name in (shard["state_id"] for shard in shards):
        (folder / f"{name}.json").write_text(meltano.state(name), encoding="utf-8")


def _is_needed(meltano: Meltano, merged: str) -> bool:
    """Tell whether the state is yet to be set: not if it is there, and never over another one."""
    there = json.loads(meltano.state(meltano.scheduled))
    if there and there != json.loads(merged):
        clear = f"meltano --environment={meltano.environment} state clear {meltano.scheduled}"
        msg = (
            f"{meltano.scheduled} has a state, which may be further on, so it is left as it is. "
            f"To go on from the backfill instead: {clear}, and clear this task"
        )
        raise StateExistsError(msg)
    return not there
