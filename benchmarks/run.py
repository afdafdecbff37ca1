"""Measure all cases in one run, with one server, and write the report.

``python -m benchmarks.run``; see README.md.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import sys
import sysconfig
import tempfile
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import ceiling, data, environments, loads, machine, own_cases, report, verify
from benchmarks.cases import (
    CONCURRENCY,
    FULL,
    MANY,
    QUICK,
    SLOW,
    dense,
    fast_cases,
    growth_cases,
    slow_cases,
)
from benchmarks.contestants import HERE, RECORD_LINE, THIS_TAP, Job, tap_command, tap_config
from benchmarks.data import DataSet
from benchmarks.environments import CACHE, own_program
from benchmarks.measure import measure
from benchmarks.rounds import entry_of
from benchmarks.server import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.cases import Case, Sizes
    from benchmarks.rounds import Entry, Round

_DATA = CACHE / "data"
_DAYS_OF_DETAILS = 6
_ROUNDS_OF_LOADS = 3  # each takes minutes, most of them in the target


class Bench:
    """One run of the benchmarks.

    Args:
        port: The port of the server.
        folder: A folder for temporary files.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._folder = folder

    def case(self, case: Case) -> Entry:
        """Run the contestants of a case, round by round."""
        data.prepare(_DATA, case.calls)
        runs = {
            one.key: (one.title, partial(self._run, case, one.start)) for one in case.contestants
        }
        entry = entry_of(case.key, case.title, case.rounds, runs)
        return entry | {"records": case.calls.records, "latency": case.latency}

    def ceilings(self, calls: DataSet) -> dict[str, float]:
        """Measure the server alone."""
        data.prepare(_DATA, calls)
        return {
            str(size): ceiling.records_per_second(
                self._port, f"/{calls.name}/{size}/0", calls.records, size
            )
            for size in (100, 1000)
        }

    def details(self, sizes: Sizes) -> Entry:
        """Run the tap with a request for each call: many at once, then one after the other."""
        calls = DataSet(sizes.details, _DAYS_OF_DETAILS)
        runs = {
            f"tap{many}": (f"{THIS_TAP.title}, {many} at once", partial(self._details, calls, many))
            for many in (MANY, 1)
        }
        title = f"{SLOW} ms a detail request, {calls.records} calls over {calls.days} days"
        return entry_of("details", title, sizes.rounds, runs) | {"records": calls.records}

    def own(self, sizes: Sizes) -> Entry:
        """Run this tap with more streams, and with batches."""
        calls = dense(sizes.own_records)
        data.prepare(_DATA, calls)

        def run(way: own_cases.Way) -> Round:
            return way.run(self._job(calls, 1000, 0, CONCURRENCY))

        runs = {way.key: (way.title, partial(run, way)) for way in own_cases.WAYS}
        title = "More streams, and batches: no latency, pages of 1000"
        return entry_of("own", title, sizes.rounds, runs) | {"records": calls.records}

    def loads(self, sizes: Sizes) -> Entry:
        """Load calls into databases, with this tap and with others."""
        calls = dense(sizes.own_records)
        data.prepare(_DATA, calls)
        with loads.place_in(self._folder.parent) as place:

            def run(load: loads.Load) -> Round:
                return load.run(self._job(calls, 1000, 0, CONCURRENCY), place)

            runs = {load.key: (load.title, partial(run, load)) for load in loads.LOADS}
            title = "Into a database: no latency, pages of 1000"
            rounds = min(sizes.rounds, _ROUNDS_OF_LOADS)
            return entry_of("loads", title, rounds, runs) | {"records": calls.records}

    def nothing_new(self, sizes: Sizes) -> Entry:
        """Run the tap for all providers, when there is nothing new."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with own_cases.up_to_date(self._folder) as runs:
            ways = {
                "together": ("all providers in one run", runs.together),
                "one-by-one": ("a run for each provider, one after the other", runs.one_by_one),
            }
            count = len(runs.configs) - 1
            title = f"{SLOW} ms a request, nothing new, {count} providers"
            return entry_of("nothing-new", title, sizes.rounds, ways)

    def start_up(self, sizes: Sizes) -> Entry:
        """Run the discovery of this tap and of an empty one."""
        job = self._job(DataSet(1, 1), 100, 0, 1)
        config = job.write("config.json", tap_config(job))
        commands: dict[str, tuple[str, list[str | Path]]] = {
            "tap": (THIS_TAP.title, [own_program("tap-voicecalls"), "--config", config]),
            "empty": ("empty SDK tap", [sys.executable, HERE / "empty_sdk_tap.py"]),
        }
        runs = {
            key: (title, partial(_timed, [*arguments, "--discover"], job.output))
            for key, (title, arguments) in commands.items()
        }
        return entry_of("start-up", "Start-up: `--discover`", sizes.rounds * 3, runs)

    def _run(self, case: Case, start: Callable[[Job], Any]) -> Round:
        job = self._job(case.calls, case.page_size, case.latency, case.concurrency)
        way = start(job)
        figures = measure(
            way.command, output=job.output, marker=way.marker, environment=way.environment
        )
        found = verify.check(case.calls, way.read(job.output))
        return asdict(figures) | asdict(found)

    def _details(self, calls: DataSet, concurrency: int) -> Round:
        job = self._job(calls, 1000, SLOW, concurrency)
        config = tap_config(job, "voicy", requests_per_second=1000)
        command = tap_command(job, config, "voicy_call_details")
        figures = measure(command, output=job.output, marker=RECORD_LINE)
        return asdict(figures) | asdict(verify.check_details(calls, job.output))

    def _job(self, calls: DataSet, page_size: int, latency: int, concurrency: int) -> Job:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        base_url = f"http://127.0.0.1:{self._port}/{calls.name}/{page_size}/{latency}"
        return Job(base_url, calls, page_size, concurrency, self._folder)


def _timed(command: list[str | Path], output: Path) -> Round:
    return asdict(measure(command, output=output))


def _measured(arguments: argparse.Namespace, sizes: Sizes) -> dict[str, Any]:
    results: dict[str, Any] = {
        "machine": machine.facts(),
        "quick": arguments.quick,
        # Only a whole run is committed; other results go to the cache.
        "whole": not (arguments.quick or arguments.only),
        "rounds": sizes.rounds,
        "cases": [],
    }
    with started(_DATA) as port, tempfile.TemporaryDirectory(dir=CACHE) as folder:
        bench = Bench(port, Path(folder) / "job")
        steps: dict[str, Callable[[], list[Entry]]] = {
            "start-up": lambda: [bench.start_up(sizes)],
            "fast": lambda: [bench.case(case) for case in fast_cases(sizes)],
            "slow": lambda: [bench.case(case) for case in slow_cases(sizes)],
            "details": lambda: [bench.details(sizes)],
            "own": lambda: [bench.own(sizes)],
            "loads": lambda: [bench.loads(sizes)],
            "nothing-new": lambda: [bench.nothing_new(sizes)],
            "growth": lambda: [bench.case(case) for case in growth_cases(sizes)],
        }
        results["ceiling"] = bench.ceilings(next(fast_cases(sizes)).calls)
        for name, step in steps.items():
            if name in (arguments.only or steps):
                results["cases"] += step()
                results["machine"]["load_after"] = os.getloadavg()[0]
                report.save(results)
    return results


def _failed(results: dict[str, Any]) -> bool:
    return any(
        "failed" in entry for case in results["cases"] for entry in case["contestants"].values()
    )


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data, one round")
    parser.add_argument("--rounds", type=int, help="how often each contestant runs in each case")
    parser.add_argument(
        "--only",
        action="append",
        choices=["start-up", "fast", "slow", "details", "own", "loads", "nothing-new", "growth"],
        help="measure only this group; may be repeated",
    )
    arguments = parser.parse_args()
    sizes = QUICK if arguments.quick else FULL
    if arguments.rounds:
        sizes = replace(sizes, rounds=arguments.rounds)
    os.environ["NO_PROXY"] = "127.0.0.1"
    data.check()
    compileall.compile_dir(Path(sysconfig.get_path("purelib")), quiet=2)
    for environment in environments.names():
        environments.make(environment)
    results = _measured(arguments, sizes)
    report.write(results)
    if _failed(results):
        sys.exit("bench: some contestants failed; see the tables")


if __name__ == "__main__":
    main()
