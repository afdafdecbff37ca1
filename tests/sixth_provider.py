"""Runs Python with the made-up provider of `sixth` registered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
RUN = "import plugin; from tap_voicecalls.cli import main; main()"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the made-up provider registered."""
    paths = os.pathsep.join(map(str, (TESTS / "sixth", TESTS, TESTS.parent / "soak")))
    return subprocess.run(  # noqa: S603 - this test's own words
        [sys.executable, *arguments],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
