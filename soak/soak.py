"""Many scheduled runs with faults and kills over a moving world: is anything lost?

Usage: make soak, or PYTHONPATH=tests python soak/soak.py [--runs 100] [--seed 7] [--hostile 0.2]
[--tap COMMAND]

The tap runs as its users run it, as a command with a state file, against the simulator. The world
ends at the present, so that a call may be running as the command itself sees it.

Each run meets some of the faults that pass. In some runs one provider is hostile from the first
request to the last: that must not cost the others anything, and later runs make up for it.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import registry
from properties.truth import ALL_PRODUCTS
from soak_target import Target, judge

from tap_voicecalls.simulator import HOSTILE, TRANSIENT, Faults, Simulator

if TYPE_CHECKING:
    from soak_target import Verdict

    from tap_voicecalls.simulator import Call
    from tap_voicecalls.simulator.messages import Request

HOUR = timedelta(hours=1)
# All of it, the first reading included, lies within the week in which a running call is waited for.
WORLD = timedelta(days=6, hours=18)
HISTORY = 12 * HOUR
LOOKBACK = 24 * HOUR
CALLS_PER_DAY = 60
PROVIDERS = registry.NAMES
LISTS_RUNNING = {name for name in PROVIDERS if registry.api_of(name).lists_running}
TWO_ACCOUNTS = "burki"
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
# Seconds in which a run must have come to its end that meets a hostile provider: it has nothing to
# wait for there but the tries of a few requests, and eight of them take up to two minutes.
HOSTILE_PATIENCE = 300
WAYS = {"killed": 0.34, "terminated": 0.1, "pipe closed": 0.08}  # all others come to their end


@dataclass
class Tally:
    """What happened.

    Attributes:
        ends: How runs ended.
        failures: What runs said that failed by themselves.
        tracebacks: How many runs showed one.
        hostile: How runs with a hostile provider ended, by its name, what it did, and how.
        unread: How often a provider was not asked for anything because another was hostile.
    """

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    tracebacks: int = 0
    hostile: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unread: int = 0


class Soak:
    """A world, a schedule, and a target.

    Args:
        runs: How many scheduled runs there are.
        seed: Decides the world, the faults and the kills; not what threads do.
        folder: Where configuration, state and log are.
        tap: The command that starts the tap.
        hostile: The share of runs in which one provider is hostile.
    """

    def __init__(self, runs: int, seed: int, folder: Path, tap: list[str], hostile: float) -> None:
        self.runs, self.seed, self.folder, self.tap = runs, seed, folder, tap
        self.hostile = hostile
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
        self.served.options.update(bomb_mb=300, endless_mb=300)
        self.served.options["vonage_checks_ranges"] = False  # the tap goes by the real clock
        self.served.page_sizes.update(dict.fromkeys(self.served.page_sizes, 40))
        for provider in PROVIDERS:
            calls = self.served.world.calls(provider)
            calls[:] = [self.unsettled(call) for call in calls]
        self.served.on_request(self.pass_time)

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.served.now or self.end

    def pass_time(self, request: Request) -> None:
        """Let a second pass with each request: calls come and end while a client pages.

        A hostile server may get requests without an end, which must not use up the world.
        """
        if request.provider not in self.served.persistent_faults:
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
                    seed=self.seed * 1000 + number, rate=FAULT_RATE, kinds=TRANSIENT
                )
                self.scheduled(number)
            self.served.faults = None
            self.served.now = self.end + WORLD
            for _ in range(2):
                self.run("", 0)

    def scheduled(self, number: int) -> None:
        """Let one run of the schedule go well, or not."""
        if self.rng.random() < self.hostile:
            end = self.besieged(self.rng.choice(PROVIDERS), self.rng.choice(HOSTILE))
        else:
            end = self.interrupted()
        self.tally.ends[end] += 1
        print(f"run {number} of {self.runs}: {end}", end="    \r", file=sys.stderr, flush=True)

    def interrupted(self) -> str:
        """Run, and mostly let something happen to the process on its way."""
        (way,) = self.rng.choices([*WAYS, ""], [*WAYS.values(), 1 - sum(WAYS.values())])
        return self.run(way, int(self.rng.paretovariate(0.4)) % 1500)

    def besieged(self, provider: str, kind: str) -> str:
        """Run while one provider is hostile: the others are read all the same."""
        already = len(self.served.requests)
        self.served.persistent_faults[provider] = kind
        end = self.run("", 0, HOSTILE_PATIENCE)
        del self.served.persistent_faults[provider]
        asked = {request.provider for request in self.served.requests[already:]}
        self.tally.unread += len(set(PROVIDERS) - asked)
        self.tally.hostile[provider, kind, end] += 1
        return f"{end}, {provider} hostile: {kind}"

    def run(self, way: str, lines: int, patience: float = PATIENCE) -> str:
        """Let the tap run, interrupt it after some lines, and say how it ended."""
        self.target.started_from = len(self.target.states)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                self.command(), stdout=subprocess.PIPE, stderr=log, cwd=self.folder
            )
        with process, cast("IO[bytes]", process.stdout) as out:
            watchdog = threading.Timer(patience, process.kill)
            watchdog.start()
            read = list(islice(out, lines)) if way else []
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
        hung = not watchdog.is_alive()
        watchdog.cancel()
        self.target.load(
            json.loads(line, parse_float=Decimal) for line in read if line.endswith(b"\n")
        )
        self.target.interrupted = code != 0
        return "never ended" if hung else self.verdict(way if early and code else "", code)

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
        return [*self.tap, *arguments]

    def settings(self) -> dict[str, Any]:
        """Return all providers, one of them with two accounts, and little patience."""
        providers: dict[str, Any] = {**self.served.configuration()}
        providers["vonage"]["products"] = ALL_PRODUCTS
        providers[TWO_ACCOUNTS]["accounts"] = [{"account": "a"}, {"account": "b"}]
        return {
            "start_date": self.start.isoformat(),
            "end_date": min(self.now, self.end).isoformat(),
            "lookback_hours": LOOKBACK / HOUR,
            "read_timeout": 1,
            "max_tries": 8,
            **providers,
        }

    # Counting ---------------------------------------------------------------------------------

    def report(self) -> Verdict:
        """Print what happened, and return what the target holds against the truth."""
        found = judge(self.target, self.served, self.accounts)
        for name, count in {**self.happened(), **self.counted(found)}.items():
            print(f"{name:<48}{count:>8}")
        for (provider, kind, end), count in sorted(self.tally.hostile.items()):
            print(f"hostile: {provider}, {kind}: {end}" + (f", {count} times" * (count > 1)))
        for line in self.tally.failures:
            print(f"failed: {line}")
        return found

    def happened(self) -> dict[str, int]:
        """Count what happened to the runs, and what they asked for."""
        injected = self.served.injected
        return {
            "scheduled runs": self.runs,
            **{f"  {end}": count for end, count in self.tally.ends.most_common()},
            "runs that showed a traceback": self.tally.tracebacks,
            "providers not read as another was hostile": self.tally.unread,
            "requests": len(self.served.requests),
            "faults injected": injected.total(),
            **{f"  {kind}": count for kind, count in sorted(injected.items())},
            "requests sent before a wait was over": self.served.early_requests.total(),
        }

    def counted(self, found: Verdict) -> dict[str, int]:
        """Count what the target holds, and what it lacks."""
        return {
            "calls in the world": sum(len(self.served.world.calls(name)) for name in PROVIDERS),
            "records of them, at the end": found.truth,
            "records in the target": sum(len(rows) for rows in self.target.rows.values()),
            **{f"  {stream}": len(self.target.rows[stream]) for stream in sorted(self.target.rows)},
            "records delivered more than once": self.target.again.total(),
            **{f"  {reason}": count for reason, count in self.target.again.most_common()},
            "lost": found.lost,
            "not in the final form": found.wrong,
            "doubled in calls": found.doubled,
            "records without their call": found.without_call,
        }

    def accounts(self, stream: str) -> list[str]:
        """Name the accounts that a stream is read for."""
        return ["a", "b"] if registry.PROVIDER_OF[stream] == TWO_ACCOUNTS else ["default"]


def main() -> int:
    """Soak, and tell by the exit status whether anything was lost."""
    parser = argparse.ArgumentParser(description="Scheduled runs with faults and kills.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    own = shlex.join([sys.executable, "-m", "tap_voicecalls"])
    parser.add_argument("--hostile", type=float, default=0.2, metavar="SHARE")
    parser.add_argument("--tap", type=shlex.split, default=own, help="the command to start")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options.runs, options.seed, Path(folder), options.tap, options.hostile)
        soak.play()
        return 0 if soak.report().is_good else 1


if __name__ == "__main__":
    sys.exit(main())
