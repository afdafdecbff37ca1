"""The guard: when the caller or the run dies, no process of the run is left."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
import voicecalls_guard

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 300
# Like Meltano: a process that starts another one in its group and waits for it.
_RUN = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


def guarded(*command: str) -> list[str]:
    """Return the command that runs another one under the guard."""
    return [sys.executable, str(voicecalls_guard.__file__), *command]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A program that starts another one and prints its process id."""
    file = tmp_path / "run.py"
    file.write_text(_RUN, encoding="utf-8")
    return file


def gone(processes: list[psutil.Process]) -> bool:
    """Wait for processes to end, and return whether they did."""
    _, alive = psutil.wait_procs(processes, timeout=_SECONDS)
    for process in alive:
        process.kill()
    return not alive


@pytest.mark.parametrize(("code", "status"), [("pass", 0), ("exit(3)", 3)])
def test_the_exit_status_is_that_of_the_command(code: str, status: int) -> None:
    """A failed run that looks successful is a shard that is never loaded."""
    words = guarded(sys.executable, "-c", code)
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:  # noqa: S603 - our own program
        assert process.wait(_SECONDS) == status


def test_a_killed_caller_ends_the_run(run: Path) -> None:
    """After SIGKILL nothing cleans up; an old tap would load in parallel to the next try."""
    caller = (
        "import subprocess, sys; "
        "subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True).wait()"
    )
    words = [sys.executable, "-c", caller, *guarded(sys.executable, str(run))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        last = psutil.Process(int(process.stdout.readline()))
        others = [*last.parents()[:2], last]  # the guard, the run, and its child
        process.kill()

    assert gone(others)


def test_a_killed_run_ends_its_children(run: Path) -> None:
    """The system may kill only Meltano, to free memory; tap and target must end, too."""
    words = guarded(sys.executable, str(run))
    with subprocess.Popen(  # noqa: S603 - our own program
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        last = psutil.Process(int(process.stdout.readline()))
        last.parents()[0].kill()
        assert process.wait(_SECONDS) == 128 + 9

    assert gone([last])
