"""Many scheduled runs with faults and kills over a moving world: is anything lost?

Usage: make soak, or PYTHONPATH=tests python soak/soak.py [--runs 50] [--seed 7]

The tap runs as its users run it, as a command with a state file, against the simulator. The world
ends at the present, so that a call may be running as the command itself sees it.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from properties.truth import ALL_PRODUCTS, STREAMS
from properties.warehouse import Warehouse

from tap_voicecalls.simulator import PASSING, Faults, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.simulator import Call

HOUR = timedelta(hours=1)
# All of it, the first reading included, lies within the week in which a running call is waited for.
WORLD = timedelta(days=6, hours=18)
HISTORY = 12 * HOUR
LOOKBACK = 24 * HOUR
CALLS_PER_DAY = 60
PROVIDERS = ("vonage", "voicy", "telnyx", "burki", "ovia")
LISTS_RUNNING = {"voicy", "burki", "ovia"}
LONGEST = 60 * HOUR
KINDS = {
    "plain": 60,
    "longer": 7,
    "long": 6,
    "listed late": 9,
    "costs late": 10,
    "deleted": 3,
    "tied": 5,
}
FAULT_RATE = 0.06
PATIENCE = 120
WAYS = {"killed": 0.34, "terminated": 0.1, "pipe closed": 0.08}  # all others come to their end


@dataclass
class Target(Warehouse):
    """A target that counts what it gets again, and why.

    Attributes:
        again: How many records came that were there already, by reason.
        interrupted: Whether the run before was.
        started_from: The state that the run started from.
    """

    again: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    started_from: int = 0

    def load(self, messages: Iterable[dict[str, Any]]) -> None:
        """Take messages in and count."""
        for message in messages:
            if message["type"] == "RECORD" and message["stream"] in STREAMS:
                self._count(message["stream"], message["record"])
            super().load([message])

    def _count(self, stream: str, record: dict[str, Any]) -> None:
        key = tuple(record[name] for name in self.keys[stream])
        before = self.rows[stream].get(key)
        if before is None:
            return
        facts = STREAMS[stream]
        bookmark = self.bookmark_of(self.started_from, stream, record["account"])
        if facts.running(before):
            reason = "was still running"
        elif bookmark and facts.position(record) + facts.slack < bookmark:
            reason = "in the lookback"
        elif self.interrupted:
            reason = "run before was interrupted"
        else:
            reason = "bookmark waits for a running call"
        self.again[reason] += 1

    def bookmark_of(self, state: int, stream: str, account: str) -> datetime | None:
        """Return a bookmark of an earlier state, by its number."""
        seen, self.states = self.states, self.states[:state]
        text = self.bookmark(stream, account)
        self.states = seen
        return datetime.fromisoformat(text) if text else None


@dataclass
class Tally:
    """What happened.

    Attributes:
        ends: How runs ended.
        failures: What runs said that failed by themselves.
        tracebacks: How many runs showed one.
    """

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    tracebacks: int = 0


class Soak:
    """A world, a schedule, and a target.

    Args:
        runs: How many scheduled runs there are.
        seed: Decides the world, the faults and the kills; not what threads do.
        folder: Where configuration, state and log are.
    """

    def __init__(self, runs: int, seed: int, folder: Path) -> None:
        self.runs, self.seed, self.folder = runs, seed, folder
        self.rng = random.Random(seed)  # noqa: S311 - no secret
        self.end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.start = self.end - WORLD
        self.step = (WORLD - HISTORY) / runs
        self.target, self.tally = Target(), Tally()
        self.served = Simulator(
            seed=seed,
            start=self.start,
            end=self.end - HOUR,
            calls_per_day=CALLS_PER_DAY,
            now=self.start,
        )
        self.served.options.update(slow_seconds=0.2, stall_seconds=3, retry_after_seconds=0.5)
        self.served.options["vonage_checks_ranges"] = False  # the tap goes by the real clock
        self.served.page_sizes.update(dict.fromkeys(self.served.page_sizes, 40))
        for provider in PROVIDERS:
            calls = self.served.world.calls(provider)
            calls[:] = [self.unsettled(call) for call in calls]
        self.served.on_request(lambda _: self.pass_time())

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.served.now or self.end

    def pass_time(self) -> None:
        """Let a second pass with each request: calls come and end while a client pages."""
        self.served.now = self.now + timedelta(seconds=1)

    def unsettled(self, call: Call) -> Call:
        """Make a call long, late, changing or passing, but final within the lookback."""
        kind = self.rng.choices([*KINDS], [*KINDS.values()])[0]
        share, room = self.rng.random(), self.end - call.start
        latest = call.start + min(room, LOOKBACK - HOUR)
        if latest <= call.end:
            return call
        match kind:
            case "longer" if call.provider in LISTS_RUNNING:
                call = replace(call, duration=share * min(room, LONGEST).total_seconds())
            case "long" | "longer":
                call = replace(call, duration=share * (latest - call.start).total_seconds())
            case "listed late" if call.provider != "telnyx":
                call = replace(call, listed_at=call.start + share * (latest - call.start))
            case "costs late":
                call = replace(call, costs_at=call.end + share * (latest - call.end))
            case "deleted":
                call = replace(call, deleted_at=call.end + share * 2 * LOOKBACK)
            case "tied":
                other = self.rng.choice(self.served.world.calls(call.provider))
                call = replace(call, start=min(other.start, call.start))
        return call

    # Running ----------------------------------------------------------------------------------

    def play(self) -> None:
        """Run as scheduled, then twice in peace."""
        with self.served:
            for number in range(1, self.runs + 1):
                self.served.now = self.start + HISTORY + number * self.step
                self.served.faults = Faults(
                    seed=self.seed * 1000 + number, rate=FAULT_RATE, kinds=PASSING
                )
                self.scheduled(number)
            self.served.faults = None
            self.served.now = self.end + WORLD
            for _ in range(2):
                self.run("", 0)

    def scheduled(self, number: int) -> None:
        """Let one run of the schedule go well, or not."""
        (way,) = self.rng.choices([*WAYS, ""], [*WAYS.values(), 1 - sum(WAYS.values())])
        lines = int(self.rng.paretovariate(0.4)) % 1500
        end = self.run(way, lines)
        self.tally.ends[end] += 1
        print(f"run {number} of {self.runs}: {end}", end="    \r", file=sys.stderr, flush=True)

    def run(self, way: str, lines: int) -> str:
        """Let the tap run, interrupt it after some lines, and say how it ended."""
        self.target.started_from = len(self.target.states)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                self.command(), stdout=subprocess.PIPE, stderr=log, cwd=self.folder
            )
        with process, cast("IO[bytes]", process.stdout) as out:
            watchdog = threading.Timer(PATIENCE, process.kill)
            watchdog.start()
            read = [line for line, _ in zip(out, range(lines), strict=False)] if way else []
            early = bool(way) and process.poll() is None
            if way == "killed":
                process.kill()
            elif way == "terminated":
                process.send_signal(signal.SIGTERM)
            if way != "pipe closed":
                rest = out.readlines()
                # Of a target that goes down with the tap, or of one that goes on.
                read += rest if way != "killed" or lines % 2 else []
        code = process.wait()
        watchdog.cancel()
        self.target.load(
            json.loads(line, parse_float=Decimal) for line in read if line.endswith(b"\n")
        )
        self.target.interrupted = code != 0
        return self.verdict(way if early and code else "", code)

    def verdict(self, way: str, code: int) -> str:
        """Say how a run ended; one that nobody interrupted should have come to its end."""
        text = (self.folder / "log").read_text(encoding="utf-8")
        self.tally.tracebacks += "Traceback" in text
        if way:
            return way
        if code:
            self.tally.failures.append(text.splitlines()[-1])
            return "failed"
        return "whole"

    def command(self) -> list[str]:
        """Write the files of a run and return its command line."""
        config, state = self.folder / "config.json", self.folder / "state.json"
        config.write_text(json.dumps(self.settings()), encoding="utf-8")
        arguments = [f"--config={config}"]
        if self.target.states:
            state.write_text(json.dumps(self.target.states[-1]), encoding="utf-8")
            arguments.append(f"--state={state}")
        return [sys.executable, "-m", "tap_voicecalls", *arguments]

    def settings(self) -> dict[str, Any]:
        """Return all five providers, one of them with two accounts, and little patience."""
        providers: dict[str, Any] = {**self.served.configuration()}
        providers["vonage"]["products"] = ALL_PRODUCTS
        providers["burki"]["accounts"] = [{"account": "a"}, {"account": "b"}]
        return {
            "start_date": self.start.isoformat(),
            "end_date": min(self.now, self.end).isoformat(),
            "lookback_hours": LOOKBACK / HOUR,
            "read_timeout": 1,
            **providers,
        }

    # Counting ---------------------------------------------------------------------------------

    def report(self) -> bool:
        """Print what happened; tell whether nothing is lost and all is final."""
        lost, wrong = 0, 0
        for stream in STREAMS:
            for account in self.accounts(stream):
                for _, names in self.target.unlike(stream, self.served.records(stream), account):
                    lost += names == ["missing"]
                    wrong += names != ["missing"]
        calls = sum(len(self.served.world.calls(name)) for name in PROVIDERS)
        truth = sum(len(self.served.records(s)) * len(self.accounts(s)) for s in STREAMS)
        rows = {
            "scheduled runs": self.runs,
            **{f"  {end}": count for end, count in self.tally.ends.most_common()},
            "runs that showed a traceback": self.tally.tracebacks,
            "requests": len(self.served.requests),
            "faults injected": self.served.injected.total(),
            **{f"  {kind}": count for kind, count in sorted(self.served.injected.items())},
            "requests sent before a wait was over": self.served.impatient.total(),
            "calls in the world": calls,
            "records of them, at the end": truth,
            "records in the target": sum(len(rows) for rows in self.target.rows.values()),
            "records delivered more than once": self.target.again.total(),
            **{f"  {reason}": count for reason, count in self.target.again.most_common()},
            "lost": lost,
            "not in the final form": wrong,
        }
        for name, count in rows.items():
            print(f"{name:<40}{count:>8}")
        for line in self.tally.failures:
            print(f"failed: {line}")
        return lost == wrong == 0

    def accounts(self, stream: str) -> list[str]:
        """Name the accounts that a stream is read for."""
        return ["a", "b"] if stream == "burki_calls" else ["default"]


def main() -> int:
    """Soak, and tell by the exit status whether anything was lost."""
    parser = argparse.ArgumentParser(description="Scheduled runs with faults and kills.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options.runs, options.seed, Path(folder))
        soak.play()
        return 0 if soak.report() else 1


if __name__ == "__main__":
    sys.exit(main())
