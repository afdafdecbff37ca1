"""Run one command and measure the whole process: time, processor, memory, first record.

It is a separate program, ``python -m benchmarks.measure OUTPUT MARKER COMMAND...``, since the
kernel counts the memory of the parent process in the peak of the command, and this parent is small.
It prints the figures as JSON.
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

_LOOK_EVERY = 0.002  # seconds, until the first record
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one run of a command.

    Attributes:
        seconds: Clock time from start to end.
        cpu: Processor seconds, user and system.
        peak: Peak resident memory, in MiB.
        first: Seconds until the first record was in the output; None without such a line.
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
    """Run a command with this module as the parent process.

    Args:
        command: The command line.
        output: The file for its stdout; its stderr goes to the same path with ``.log``.
        marker: A text that only lines of records contain; empty if there are no such lines.
        environment: Variables in addition to those of this process.

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
    """Remove variables that change Python: unbuffered output, or no compiled files."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _log_of(output: Path) -> Path:
    return output.with_suffix(".log")


def _run(output: Path, marker: bytes, command: Sequence[str]) -> Figures:
    with output.open("wb") as out, _log_of(output).open("wb") as log:
        began = time.perf_counter()
        # Not a context manager: wait4 below waits for the process.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        first = _first(output, marker, child.pid, began) if marker else None
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(1)
    # Linux counts in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, first)


def _first(output: Path, marker: bytes, pid: int, began: float) -> float | None:
    """Return when the output contains the marker, None if the command ends before."""
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
    """Measure the command in the arguments."""
    output, marker, *command = sys.argv[1:]
    print(json.dumps(asdict(_run(Path(output), marker.encode(), command))))


if __name__ == "__main__":
    main()
