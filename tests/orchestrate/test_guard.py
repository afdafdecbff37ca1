"""The guard of a run: whatever dies, and however, nothing of the run goes on."""

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
# As Meltano does it: one process that starts another in its group, and waits.
_RUN = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


def guarded(*command: str) -> list[str]:
    """Return the command that runs a command under guard."""
    return [sys.executable, str(voicecalls_guard.__file__), *command]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A program that starts another one, and prints its id."""
    file = tmp_path / "run.py"
    file.write_text(_RUN, encoding="utf-8")
    return file


def gone(processes: list[psutil.Process]) -> bool:
    """Wait for processes to end, and tell whether they did."""
    _, alive = psutil.wait_procs(processes, timeout=_SECONDS)
    for process in alive:
        process.kill()
    return not alive


@pytest.mark.parametrize(("code", "status"), [("pass", 0), ("exit(3)", 3)])
def test_it_ends_as_the_command_does(code: str, status: int) -> None:
    """A run that failed and passes for one that did not is a shard that is never loaded."""
    words = guarded(sys.executable, "-c", code)
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:  # noqa: S603 - our own program
        assert process.wait(_SECONDS) == status


def test_a_killed_caller_takes_the_run_along(run: Path) -> None:
    """SIGKILL lets nobody clean up; a tap that goes on loads beside the one of the next try."""
    caller = (
        "import subprocess, sys; "
        "subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True).wait()"
    )
    words = [sys.executable, "-c", caller, *guarded(sys.executable, str(run))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        last = psutil.Process(int(process.stdout.readline()))
        others = [*last.parents()[:2], last]  # the guard, the run, and what that has started
        process.kill()

    assert gone(others)


def test_a_killed_run_takes_the_others_along(run: Path) -> None:
    """The system may kill Meltano alone for its memory; the tap and the target must not stay."""
    words = guarded(sys.executable, str(run))
    with subprocess.Popen(  # noqa: S603 - our own program
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        last = psutil.Process(int(process.stdout.readline()))
        last.parents()[0].kill()
        assert process.wait(_SECONDS) == 128 + 9

    assert gone([last])
