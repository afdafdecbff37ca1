"""Serves the calls of an account from a separate process, which ends when its input closes.

``python -m trial.serving SEED CALLS_PER_DAY`` prints the account's settings. For each line of
input, it prints the start times that requests have asked for since the line before.
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
    """An account with a server.

    Attributes:
        account: The account.
        settings: The tap's settings for it.
    """

    def __init__(self, account: Account, process: subprocess.Popen[str]) -> None:
        self.account, self._process = account, process
        self.settings: dict[str, Any] = {"account": account.label, **json.loads(self._read())}

    def requested_starts(self) -> list[datetime]:
        """Return the start time of each request since the last call of this method."""
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
        simulator.world.ordered("burki")  # generate the calls before the first request
        _say(simulator.configuration()["burki"])
        reported = 0
        for _ in sys.stdin:
            requests = simulator.requests
            _say(
                [
                    value
                    for r in requests[reported:]
                    for name, value in r.query
                    if name == "date_from"
                ]
            )
            reported = len(requests)


def _say(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
