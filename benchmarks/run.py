"""Measure all cases in one run, with one server, and write the report.

``python -m benchmarks.run``; see README.md.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import os
import platform
import shutil
import sys
import sysconfig
import tempfile
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import ceiling, data, environments, report, verify
from benchmarks.cases import FULL, MANY, QUICK, SLOW, fast_cases, growth_cases, slow_cases
from benchmarks.contestants import HERE, RECORD_LINE, THIS_TAP, Job, tap_command, tap_config
from benchmarks.data import DataSet
from benchmarks.environments import CACHE, own_program
from benchmarks.measure import measure
from benchmarks.server import started

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.cases import Case, Sizes

    Round = dict[str, Any]
    Entry = dict[str, Any]

_DATA = CACHE / "data"
_DAYS_OF_DETAILS = 6
_OTHERS = ("airbyte", "dlt", "limit")


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
        entry = _entry(case.key, case.title, case.rounds, runs)
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
        return _entry("details", title, sizes.rounds, runs) | {"records": calls.records}

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
        return _entry("start-up", "Start-up: `--discover`", sizes.rounds * 3, runs)

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


def _entry(
    key: str, title: str, rounds: int, runs: Mapping[str, tuple[str, Callable[[], Round]]]
) -> Entry:
    """Run all contestants in each round; the first one changes from round to round."""
    results: dict[str, Entry] = {
        name: {"title": its_title, "rounds": []} for name, (its_title, _) in runs.items()
    }
    names = list(runs)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if "failed" in results[name]:
                continue
            try:
                figures = runs[name][1]()
            except (RuntimeError, verify.Wrong) as error:
                results[name]["failed"] = str(error)
                _log(f"{key:16} {name} failed: {error}")
                continue
            results[name]["rounds"].append(figures)
            _log(
                f"{key:16} {number + 1}/{rounds}  {name:10} {figures['seconds']:8.2f} s "
                f"{figures['cpu']:8.2f} s cpu {figures['peak']:7.0f} MiB"
            )
    return {"key": key, "title": title, "contestants": results}


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _machine() -> dict[str, Any]:
    """Return the facts about the machine that the figures depend on."""
    ours = [f"{name}=={version(name)}" for name in ("singer-sdk", "msgspec", "requests")]
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": sorted({*ours, *chain.from_iterable(map(environments.pins, _OTHERS))}),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.processor() or platform.machine()


def _measured(arguments: argparse.Namespace, sizes: Sizes) -> dict[str, Any]:
    results: dict[str, Any] = {
        "machine": _machine(),
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
        choices=["start-up", "fast", "slow", "details", "growth"],
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
