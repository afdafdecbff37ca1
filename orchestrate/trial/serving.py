"""Serves the calls of an account from a process of its own, which ends with its input.

``python -m trial.serving SEED CALLS_PER_DAY``: it prints the account's settings, and for each line
that it reads the times from which calls were asked for since the line before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trial.world import Account

if TYPE_CHECKING:
    from collections.abc import Iterator


class Served:
    """An account that is served.

    Attributes:
        account: The account.
        settings: The tap's settings of it.
    """

    def __init__(self, account: Account, process: subprocess.Popen[str]) -> None:
        self.account, self._process = account, process
        self.settings: dict[str, Any] = {"account": account.label, **json.loads(self._read())}

    def asked(self) -> list[datetime]:
        """Return from when calls were asked for, in each request since this was last called."""
        assert self._process.stdin  # noqa: S101 - it is a pipe
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return [datetime.fromisoformat(text) for text in json.loads(self._read())]

    def _read(self) -> str:
        assert self._process.stdout  # noqa: S101 - it is a pipe
        return self._process.stdout.readline()


@contextmanager
def served(account: Account) -> Iterator[Served]:
    """Serve an account."""
    command = [sys.executable, "-m", "trial.serving", str(account.seed), str(account.calls_per_day)]
    with subprocess.Popen(  # noqa: S603 - this module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the trial, which then closes the pipe
    ) as process:
        yield Served(account, process)


def main(seed: str, calls_per_day: str) -> None:
    """Serve until the input ends."""
    with Account("", int(seed), float(calls_per_day)).simulator() as simulator:
        simulator.world.ordered("burki")  # made before anybody waits for it
        _say(simulator.configuration()["burki"])
        told = 0
        for _ in sys.stdin:
            requests = simulator.requests
            _say([value for r in requests[told:] for name, value in r.query if name == "date_from"])
            told = len(requests)


def _say(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
