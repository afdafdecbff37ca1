"""An S3 of one's own: a process on a free port of this machine, with one empty bucket."""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests
from meltano_project import ROOT
from programs import needed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "states"
_PROGRAM = ROOT / ".cache/backends/bin/moto_server"
_ADDRESS = re.compile(r"Running on (http://[\d.:]+)")
_SECONDS = 30.0


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start a server, return its URL, and stop it at the end.

    Args:
        folder: Where its log goes.
    """
    log = folder / "s3.log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603
            [needed(str(_PROGRAM), hint="make unit"), "-H", "127.0.0.1", "-p", "0"],
            stdout=written,
            stderr=written,
        )
    try:
        url = _await_start(process, log)
        requests.put(f"{url}/{BUCKET}", timeout=_SECONDS).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _await_start(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server tells where it is."""
    patience = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < patience:
        if told := _ADDRESS.search(log.read_text(encoding="utf-8")):
            return told[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))
