"""Run a command, and kill it with all its child processes when the parent process dies.

Usage: python voicecalls_guard.py COMMAND...

Standard input is a pipe from the parent, which never writes. The pipe closes when the parent dies,
even by SIGKILL. An orchestrator that kills a task kills one process or one process group; the
task's tap and target must not keep running beside those of the next try.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress


def main(command: list[str]) -> int:
    """Run the command and return its exit status, as a shell reports it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 - the caller's command
    threading.Thread(target=_end_with_input, args=(child.pid,), daemon=True).start()
    status = child.wait()
    _kill(child.pid)  # if only the command was killed, its child processes are left
    return status if status >= 0 else 128 - status


def _end_with_input(group: int) -> None:
    # Not sys.stdin: the interpreter cannot exit while a thread holds its lock.
    while os.read(0, 1):
        pass
    _kill(group)


def _kill(group: int) -> None:
    # macOS raises PermissionError for a group of zombies.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
