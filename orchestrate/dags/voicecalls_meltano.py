"""The Meltano commands of a backfill, run in a project folder. Standard library only."""

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
_SECONDS = 600  # for commands that load no data

_logger = logging.getLogger(__name__)


class MeltanoError(RuntimeError):
    """A Meltano command failed; its output is in the log."""


@dataclass(frozen=True)
class Meltano:
    """A Meltano project, as the backfill uses it.

    Attributes:
        program: The `meltano` program.
        folder: The project folder.
        environment: The Meltano environment.
        loader: The loader's name.
    """

    program: str
    folder: Path
    environment: str
    loader: str

    @property
    def scheduled(self) -> str:
        """The state id of scheduled runs of `meltano run`."""
        return f"{self.environment}:{_TAP}-to-{self.loader}"

    def load(self, state_id: str, variables: Mapping[str, str]) -> None:
        """Run tap and loader, log their output, and leave no process behind.

        Args:
            state_id: The state id of the run.
            variables: Additional environment variables.

        Raises:
            MeltanoError: The run failed.
        """
        # Meltano still believes a killed run is active; the orchestrator knows that it is not.
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
            start_new_session=True,  # the guard must survive a kill of our process group
        ) as process:
            for line in process.stdout or ():
                _logger.info("%s", line.rstrip())
        _check(words, process.returncode)

    def state(self, state_id: str) -> str:
        """Return the output of `meltano state get`; an empty object if there is no state."""
        return self._print("state", "get", state_id)

    def merged(self, plan: Path, states: Path) -> str:
        """Return the merged state of all shards.

        Raises:
            MeltanoError: A shard is incomplete; the log names it.
        """
        return self._print("invoke", f"{_TAP}:merge", str(plan), str(states))

    def set_state(self, state_id: str, file: Path) -> None:
        """Set a state to the content of a file."""
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
