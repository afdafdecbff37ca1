"""The memory of threads, as glibc counts it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes
from threading import Barrier, Thread
from tap_voicecalls.cli import share_freed_memory

share_freed_memory()
barrier = Barrier(9)

def hold():
    held = bytearray(100_000)
    barrier.wait()

threads = [Thread(target=hold) for _ in range(8)]
for thread in threads:
    thread.start()
ctypes.CDLL(None).malloc_stats()
barrier.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
@pytest.mark.parametrize(("asked", "count"), [({}, 1), ({"MALLOC_ARENA_MAX": "3"}, 3)])
def test_threads_share_the_memory_that_they_free(asked: dict[str, str], count: int) -> None:
    """Eight readers do not each keep the memory of the largest page; the user's own wish holds."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", PROGRAM], env=asked, capture_output=True, text=True, check=True
    )
    assert done.stderr.count("Arena ") == count
