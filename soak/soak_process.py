"""One run of the tap as a process, interrupted after some lines or not."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Interruption = Literal["killed", "terminated", "pipe closed", ""]
"""How a run is interrupted; "" lets it end by itself."""


@dataclass(frozen=True)
class Finished:
    """A run that has ended.

    Attributes:
        code: The exit code.
        hung: Whether it was killed because it did not end in time.
        interrupted: Whether it was interrupted before its end.
        lines: The lines that the target received.
        log: The tap's log.
    """

    code: int
    hung: bool
    interrupted: bool
    lines: list[bytes]
    log: str

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield the messages of all complete lines."""
        for line in self.lines:
            if line.endswith(b"\n"):
                yield json.loads(line, parse_float=Decimal)


def run(
    command: list[str], folder: Path, interruption: Interruption, lines: int, seconds: float
) -> Finished:
    """Run the tap, and interrupt it after some lines.

    Args:
        command: The command line.
        folder: The working directory, which gets the log.
        interruption: How to interrupt the run.
        lines: After how many lines.
        seconds: The run is killed after this time.
    """
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=subprocess.PIPE, stderr=log, cwd=folder
        )
    with process, cast("IO[bytes]", process.stdout) as out:
        watchdog = threading.Timer(seconds, process.kill)
        watchdog.start()
        read = list(islice(out, lines)) if interruption else []
        early = bool(interruption) and process.poll() is None
        if interruption == "killed":
            process.kill()
        elif interruption == "terminated":
            process.send_signal(signal.SIGTERM)
        if interruption != "pipe closed":
            rest = out.readlines()
            # After a kill, every other target reads the lines that are left in the pipe.
            read += rest if interruption != "killed" or lines % 2 else []
    code = process.wait()
    hung = not watchdog.is_alive()
    watchdog.cancel()
    text = (folder / "log").read_text(encoding="utf-8")
    return Finished(code, hung, early and code != 0, read, text)
