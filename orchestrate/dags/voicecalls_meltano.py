"""The commands of Meltano that a backfill needs, in a project's folder. Standard library only."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAP = "tap-voicecalls"
_GUARD = Path(__file__).with_name("voicecalls_guard.py")
_SECONDS = 600  # for commands that load nothing

_logger = logging.getLogger(__name__)


class MeltanoError(RuntimeError):
    """A command of Meltano failed; the log has what it said."""


@dataclass(frozen=True)
class Meltano:
    """A Meltano project, as a backfill runs it.

    Attributes:
        program: The program `meltano`.
        folder: The project's folder.
        environment: The environment to run in.
        loader: The loader's name.
    """

    program: str
    folder: Path
    environment: str
    loader: str

    @property
    def scheduled(self) -> str:
        """The id of the state that scheduled runs of `meltano run` go by."""
        return f"{self.environment}:{_TAP}-to-{self.loader}"

    def load(self, state_id: str, variables: Mapping[str, str]) -> None:
        """Let the tap write into the loader, log what both say, and leave no process behind.

        Args:
            state_id: The id of the run's state.
            variables: What the environment is to hold beside what it does.

        Raises:
            MeltanoError: The run failed.
        """
        # A run that was killed is one that still runs, for Meltano; the engine knows better.
        words = self._command("el", _TAP, self.loader, "--state-id", state_id, "--force")
        guarded = [sys.executable, str(_GUARD), *words]
        with subprocess.Popen(  # noqa: S603 - our own command
            guarded,
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1", **variables},
            stdin=subprocess.PIPE,  # the guard ends the run when this closes
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # so that a kill of our group leaves the guard to do its work
        ) as process:
            for line in process.stdout or ():
                _logger.info("%s", line.rstrip())
        _check(words, process.returncode)

    def state(self, state_id: str) -> str:
        """Return a state as `meltano state get` prints it; an empty object if there is none."""
        return self._print("state", "get", state_id)

    def merged(self, plan: Path, states: Path) -> str:
        """Return the state that the shards' states amount to.

        Raises:
            MeltanoError: A shard is not through; the log names it.
        """
        return self._print("invoke", f"{_TAP}:merge", str(plan), str(states))

    def set_state(self, state_id: str, file: Path) -> None:
        """Set a state to what a file holds."""
        self._print("state", "set", "--force", state_id, "--input-file", str(file))

    def _print(self, *words: str) -> str:
        command = self._command(*words)
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        for line in done.stderr.splitlines():
            _logger.info("%s", line)
        _check(command, done.returncode)
        return done.stdout

    def _command(self, *words: str) -> list[str]:
        return [self.program, f"--environment={self.environment}", *words]


def _check(command: list[str], status: int) -> None:
    if status:
        msg = f"exit status {status}: {' '.join(command)}"
        raise MeltanoError(msg)
