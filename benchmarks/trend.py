"""Fails when the tap has become slower, compared with a plain SDK tap in the same run.

``python -m benchmarks.trend [--record]``; the ratios on record are in trend.json. It takes about
two minutes, and nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks import data
from benchmarks.cases import QUICK, fast_cases
from benchmarks.contestants import PLAIN, THIS_TAP
from benchmarks.environments import CACHE
from benchmarks.run import Bench
from benchmarks.server import started

_RECORD = Path(__file__).with_name("trend.json")
_SIZES = replace(QUICK, rounds=5, records=50_000)
_MOST_LOST = 0.2
"""A smaller change may be chance, or the machine's."""


def ratios() -> dict[str, float]:
    """Return by case how many times as long the plain tap takes, by medians."""
    measured = {}
    with started(CACHE / "data") as port, tempfile.TemporaryDirectory(dir=CACHE) as folder:
        bench = Bench(port, Path(folder) / "job")
        for case in fast_cases(_SIZES):
            entry = bench.case(replace(case, contestants=(THIS_TAP, PLAIN)))
            seconds = {
                name: median(figures["seconds"] for figures in one["rounds"])
                for name, one in entry["contestants"].items()
            }
            measured[case.key] = round(seconds[PLAIN.key] / seconds[THIS_TAP.key], 2)
    return measured


def main() -> None:
    """Measure, and compare with the ratios on record, or record them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--record", action="store_true", help="write trend.json")
    arguments = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    data.check()
    CACHE.mkdir(parents=True, exist_ok=True)
    measured = ratios()
    if arguments.record:
        _RECORD.write_text(f"{json.dumps(measured, indent=2)}\n", encoding="utf-8")
    recorded = json.loads(_RECORD.read_text(encoding="utf-8"))
    slower = []
    for key, ratio in measured.items():
        print(f"{key}: {ratio} times as fast as a plain SDK tap; on record: {recorded[key]}")
        if ratio < (1 - _MOST_LOST) * recorded[key]:
            slower.append(key)
    if slower:
        sys.exit(
            f"trend: more than a fifth slower in {', '.join(slower)}; see benchmarks/README.md"
        )


if __name__ == "__main__":
    main()
