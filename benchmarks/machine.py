"""The facts about the machine that figures depend on."""

from __future__ import annotations

import contextlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks import environments

_OURS = ("singer-sdk", "msgspec", "requests")
_HELPERS = {"chart", "profile"}


def facts() -> dict[str, Any]:
    """Return them."""
    ours = [f"{name}=={version(name)}" for name in _OURS]
    others = set(environments.names()) - _HELPERS
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": sorted({*ours, *chain.from_iterable(map(environments.pins, others))}),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.processor() or platform.machine()
