"""Run one command and measure the whole process: time, processor, memory, first record.

It is a program of its own, ``python -m benchmarks.measure OUTPUT MARKER COMMAND...``, because the
kernel counts the memory of the process that starts a command as part of the command's peak: this
one is small. It prints the figures as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOOK_EVERY = 0.002  # seconds, until the first record is seen
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of a command took.

    Attributes:
        seconds: From its start to its end, by the clock.
        cpu: Seconds of processor, its own and the system's for it.
        peak: Its largest resident memory, in MiB.
        first: Seconds until its first record was in the output; None where there is no such line.
    """

    seconds: float
    cpu: float
    peak: float
    first: float | None


def measure(
    command: Sequence[str | Path],
    *,
    output: Path,
    marker: str = "",
    environment: Mapping[str, str] | None = None,
) -> Figures:
    """Run a command by way of this module's program.

    Args:
        command: What to run.
        output: Where its stdout goes; its stderr goes beside it, to ``.log``.
        marker: What only the line of a record holds; empty if there are no such lines.
        environment: Variables it gets beside those of this process.

    Raises:
        RuntimeError: The command failed.
    """
    measured = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", output, marker, *command],
        cwd=_ROOT,
        env={**_plain_environment(), **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if measured.returncode:
        log = _log_of(output).read_text(errors="replace")[-4000:]
        msg = f"{' '.join(map(str, command))} failed; the end of its log:\n{log}"
        raise RuntimeError(msg)
    return Figures(**json.loads(measured.stdout))


def _plain_environment() -> dict[str, str]:
    """Leave out how this Python was told to run: unbuffered, or compiling anew at each start."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _log_of(output: Path) -> Path:
    return output.with_suffix(".log")


def _run(output: Path, marker: bytes, command: Sequence[str]) -> Figures:
    with output.open("wb") as out, _log_of(output).open("wb") as log:
        began = time.perf_counter()
        # Not as a context: the process is waited for below, by wait4.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        first = _first(output, marker, child.pid, began) if marker else None
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(1)
    # The kernel counts in KiB, that of macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, first)


def _first(output: Path, marker: bytes, pid: int, began: float) -> float | None:
    """Wait until the output holds the marker, or the command has ended; return when."""
    seen = b""
    with output.open("rb", buffering=0) as file:
        while True:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            seen = seen[-len(marker) :] + file.read()
            if marker in seen:
                return time.perf_counter() - began
            if ended:
                return None
            time.sleep(_LOOK_EVERY)


def main() -> None:
    """Measure the command that the arguments name."""
    output, marker, *command = sys.argv[1:]
    print(json.dumps(asdict(_run(Path(output), marker.encode(), command))))


if __name__ == "__main__":
    main()
