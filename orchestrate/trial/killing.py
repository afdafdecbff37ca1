"""Kills two shards while they load: first Meltano's processes, then the Airflow task."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_GONE_SECONDS = 30


class StillThereError(AssertionError):
    """Processes of a killed task are still running."""


@dataclass
class Killer:
    """Kills each shard's processes at most once, and two shards in all.

    Attributes:
        shards: The shards of the plan, by state id.
        landed: Returns how many rows of a shard are in the warehouse.
        say: Prints a line.
        killed: The ids of the shards that were killed.
    """

    shards: dict[str, dict[str, Any]]
    landed: Callable[[dict[str, Any]], int]
    say: Callable[[str], None]
    killed: set[str] = field(default_factory=set)

    def look(self, processes: Iterable[psutil.Process]) -> None:
        """Kill a shard of which a part of the rows is in the warehouse."""
        if not self._methods:
            return
        for process in processes:
            shard = self.shards.get(_state_id(process))
            if shard and shard["id"] not in self.killed:
                rows = self.landed(shard)
                if 0 < rows < shard["expected"] * 0.9 and process.is_running():
                    with suppress(psutil.NoSuchProcess):  # it has ended: kill another one
                        self._kill(process, shard, rows)
                    return

    @property
    def _methods(self) -> tuple[str, ...]:
        return ("Meltano, tap and target", "the Airflow task")[len(self.killed) :]

    def _kill(self, meltano: psutil.Process, shard: dict[str, Any], rows: int) -> None:
        method, guard = self._methods[0], meltano.parents()[0]
        others = [guard, meltano, *meltano.children(recursive=True)]
        names = ", ".join(each.name() for each in others)
        if len(self.killed):
            guard.parents()[0].kill()
        else:
            os.killpg(os.getpgid(meltano.pid), signal.SIGKILL)
        _, alive = psutil.wait_procs(others, timeout=_GONE_SECONDS)
        if alive:
            for process in alive:
                process.kill()
            running = ", ".join(map(str, alive))
            msg = f"{shard['id']} was killed, but these processes kept running: {running}"
            raise StillThereError(msg)
        self.killed.add(shard["id"])
        landed = f"{rows:,} of about {shard['expected']:,} rows in the table"
        self.say(f"killed {method} of {shard['id']}, {landed}: {names} are gone")


def _state_id(process: psutil.Process) -> str:
    """Return the state id of a `meltano el` process; an empty string for other processes."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return ""
    is_guard = any(word.endswith("voicecalls_guard.py") for word in words)
    if is_guard or "--state-id" not in words or "el" not in words:
        return ""
    return words[words.index("--state-id") + 1]
