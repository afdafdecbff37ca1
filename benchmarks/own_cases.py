"""Cases of this tap alone: what batches, the common streams and many providers cost."""

from __future__ import annotations

import json
import shlex
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks import verify
from benchmarks.cases import SLOW
from benchmarks.contestants import RECORD_LINE, tap_command, tap_config
from benchmarks.environments import own_program
from benchmarks.measure import measure
from tap_voicecalls.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from benchmarks.contestants import Job

_CALLS = "burki_calls"
_COMMON = ("calls", "call_turns", "call_costs", "call_recordings")
_DAYS = 4  # of calls that the state covers


@dataclass(frozen=True, slots=True)
class Way:
    """A way of reading Burki's calls with this tap.

    Attributes:
        key: Its short name.
        title: Its title in the report.
        streams: The streams that are selected.
        in_batches: Whether they are written into batch files.
    """

    key: str
    title: str
    streams: tuple[str, ...] = (_CALLS,)
    in_batches: bool = False

    def run(self, job: Job) -> dict[str, Any]:
        """Run the tap, and return its figures and the facts about its output."""
        folder = job.folder / "batches"
        settings = {"batch_config": _batch_config(folder)} if self.in_batches else {}
        command = tap_command(job, tap_config(job) | settings, *self.streams)
        marker = "" if self.in_batches else RECORD_LINE
        figures = measure(command, output=job.output, marker=marker)
        read = verify.batches if self.in_batches else verify.singer
        written = read(folder if self.in_batches else job.output, _CALLS)
        return asdict(figures) | asdict(verify.check(job.calls, written))


WAYS = (
    Way("lines", f"`{_CALLS}`"),
    Way("batches", f"`{_CALLS}`, as batches of jsonl.gz", in_batches=True),
    Way("common", f"`{_CALLS}` and all common streams", (_CALLS, *_COMMON)),
    Way(
        "common-batches",
        f"`{_CALLS}` and all common streams, as batches",
        (_CALLS, *_COMMON),
        in_batches=True,
    ),
)


def _batch_config(folder: Path) -> dict[str, Any]:
    return {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": folder.as_uri()},
    }


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Runs that find nothing new, of all providers.

    Attributes:
        folder: Where the configurations and states are.
        configs: The configuration of each run, by its name: one for each provider, and one of all.
    """

    folder: Path
    configs: Mapping[str, Mapping[str, Any]] = field(repr=False)

    def prepare(self) -> None:
        """Read all calls once, for the states."""
        for name, config in self.configs.items():
            self._config(name).write_text(json.dumps(config))
            done = subprocess.run(
                [own_program("tap-voicecalls"), "--config", self._config(name)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            states = [line for line in done.stdout.splitlines() if b'"STATE"' in line[:20]]
            self._state(name).write_text(json.dumps(json.loads(states[-1])["value"]))

    def together(self) -> dict[str, Any]:
        """Run the tap once, with all providers."""
        return self._measured(_ALL)

    def one_by_one(self) -> dict[str, Any]:
        """Run the tap once for each provider, one run after the other."""
        return self._measured(*(name for name in self.configs if name != _ALL))

    def _measured(self, *names: str) -> dict[str, Any]:
        runs = (
            [
                own_program("tap-voicecalls"),
                f"--config={self._config(name)}",
                f"--state={self._state(name)}",
            ]
            for name in names
        )
        line = " && ".join(shlex.join(map(str, run)) for run in runs)
        return asdict(measure(["sh", "-c", line], output=self.folder / "output"))

    def _config(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _state(self, name: str) -> Path:
        return self.folder / f"{name}.state.json"


_ALL = "all"


@contextmanager
def up_to_date(folder: Path) -> Iterator[UpToDate]:
    """Serve all providers, each request with latency, and states that cover all of their calls."""
    end = datetime.now(UTC)
    start = end - timedelta(days=_DAYS)
    with Simulator(seed=11, start=start, end=end, calls_per_day=10) as served:
        accounts = served.configuration()
        providers = list(accounts)
        shared = {"start_date": start.isoformat()}
        configs = {name: {name: accounts[name]} | shared for name in providers}
        runs = UpToDate(folder, configs | {_ALL: accounts | shared})
        runs.prepare()
        served.options["slow_seconds"] = SLOW / 1000
        served.persistent_faults.update(dict.fromkeys(providers, "slow"))
        yield runs
