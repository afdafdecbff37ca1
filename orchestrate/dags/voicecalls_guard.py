"""Run a command that ends, with all it has started, when whoever started this is gone.

Usage: python voicecalls_guard.py COMMAND...

Its input is a pipe into which nobody writes. However the process at the other end dies, the pipe
then closes: the one sign that SIGKILL leaves. An engine that kills a task kills one process, or
one group of them; the tap and the target of the task must not go on beside those of its next try.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress


def main(command: list[str]) -> int:
    """Run the command and return how it ended, as a shell tells it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 - the caller's
    threading.Thread(target=_end_with_input, args=(child.pid,), daemon=True).start()
    status = child.wait()
    _kill(child.pid)  # a command that was killed alone leaves others of its group behind
    return status if status >= 0 else 128 - status


def _end_with_input(group: int) -> None:
    # Not sys.stdin: the interpreter could not end while a thread holds its lock.
    while os.read(0, 1):
        pass
    _kill(group)


def _kill(group: int) -> None:
    # PermissionError is what macOS says of a group that has ended and was not waited for.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
