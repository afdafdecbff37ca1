"""Scheduled runs of the tap with faults and kills, while calls change: is anything lost?

Usage: make soak, or PYTHONPATH=tests python soak/soak.py [--runs 100] [--seed 7] [--hostile 0.2]
[--calls 60] [--tap COMMAND]

The tap runs as users run it: as a command with a state file, against the simulator.

Every run gets some transient faults. In some runs one provider is hostile for the whole run: the
other providers must be read all the same, and later runs must read what is missing.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import registry
import soak_process
from properties.truth import ALL_PRODUCTS
from soak_report import Tally, print_report
from soak_target import Target, judge
from soak_world import HISTORY, HOUR, LENGTH, LOOKBACK, PROVIDERS, World

from tap_voicecalls.simulator import HOSTILE, TRANSIENT, Faults

if TYPE_CHECKING:
    from soak_process import Interruption
    from soak_target import Verdict

TWO_ACCOUNTS = "burki"
FAULT_RATE = 0.06
# Seconds after which a run has hung.
TIMEOUT = 120
# With a hostile provider a run has to wait for all tries of one request of each stream; eight tries
# take up to two minutes, and a provider has up to five streams.
HOSTILE_TIMEOUT = 900
# Interruption to share of runs; all other runs end by themselves.
INTERRUPTIONS: dict[Interruption, float] = {"killed": 0.34, "terminated": 0.1, "pipe closed": 0.08}


class Soak:
    """A world, a schedule of runs, and a target.

    Args:
        options: Those of the command line. The seed decides the world, the faults and the kills,
            but not the order of threads.
        folder: The folder for configuration, state and log.
    """

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.runs, self.seed, self.tap = options.runs, options.seed, options.tap
        self.folder, self.hostile = folder, options.hostile
        self.rng = random.Random(self.seed)  # noqa: S311 - no secret
        self.step = (LENGTH - HISTORY) / self.runs
        self.target, self.tally = Target(), Tally()
        self.world = World(self.seed, self.rng, options.calls)
        self.served = self.world.served

    def play(self) -> None:
        """Make all scheduled runs, then two runs without faults."""
        with self.served:
            for number in range(1, self.runs + 1):
                self.served.now = self.world.start + HISTORY + number * self.step
                self.served.faults = Faults(
                    seed=self.seed * 1000 + number, rate=FAULT_RATE, kinds=TRANSIENT
                )
                self.scheduled(number)
            self.served.faults = None
            self.served.now = self.world.end + LENGTH
            for _ in range(2):
                self.run()

    def scheduled(self, number: int) -> None:
        """Make one scheduled run, with a hostile provider, an interruption, or neither."""
        if self.rng.random() < self.hostile:
            end = self.with_hostile(self.rng.choice(PROVIDERS), self.rng.choice(HOSTILE))
        else:
            end = self.with_interruption()
        self.tally.ends[end] += 1
        print(f"run {number} of {self.runs}: {end}", end="    \r", file=sys.stderr, flush=True)

    def with_interruption(self) -> str:
        """Run, and interrupt the process in about half of all cases."""
        ways: list[Interruption] = [*INTERRUPTIONS, ""]
        shares = [*INTERRUPTIONS.values(), 1 - sum(INTERRUPTIONS.values())]
        (interruption,) = self.rng.choices(ways, shares)
        return self.run(interruption, int(self.rng.paretovariate(0.4)) % 1500)

    def with_hostile(self, provider: str, kind: str) -> str:
        """Run while one provider is hostile; the others must be read."""
        already = len(self.served.requests)
        self.served.persistent_faults[provider] = kind
        end = self.run(seconds=HOSTILE_TIMEOUT)
        del self.served.persistent_faults[provider]
        asked = {request.provider for request in self.served.requests[already:]}
        self.tally.unread += len(set(PROVIDERS) - asked)
        self.tally.hostile[provider, kind, end] += 1
        return f"{end}, {provider} hostile: {kind}"

    def run(self, interruption: Interruption = "", lines: int = 0, seconds: float = TIMEOUT) -> str:
        """Run the tap, load its output into the target, and return how the run ended."""
        self.target.started_from = len(self.target.states)
        run = soak_process.run(self.command(), self.folder, interruption, lines, seconds)
        self.target.load(run.messages())
        self.target.interrupted = run.code != 0
        if run.hung:
            return "never ended"
        self.tally.tracebacks += "Traceback" in run.log
        if run.interrupted:
            return interruption
        if run.code:
            self.tally.failures.append(run.log.splitlines()[-1])
            return "failed"
        return "whole"

    def command(self) -> list[str]:
        """Write the configuration and the state, and return the command line."""
        config, state = self.folder / "config.json", self.folder / "state.json"
        config.write_text(json.dumps(self.settings()), encoding="utf-8")
        arguments = [f"--config={config}"]
        if self.target.states:
            state.write_text(json.dumps(self.target.states[-1]), encoding="utf-8")
            arguments.append(f"--state={state}")
        return [*self.tap, *arguments]

    def settings(self) -> dict[str, Any]:
        """Return settings of all providers, one with two accounts, and short time-outs."""
        providers: dict[str, Any] = {**self.served.configuration()}
        providers["vonage"]["products"] = ALL_PRODUCTS
        providers[TWO_ACCOUNTS]["accounts"] = [{"account": "a"}, {"account": "b"}]
        return {
            "start_date": self.world.start.isoformat(),
            "end_date": min(self.world.now, self.world.end).isoformat(),
            "lookback_hours": LOOKBACK / HOUR,
            "read_timeout": 1,
            "max_tries": 8,
            **providers,
        }

    def report(self) -> Verdict:
        """Print what happened, and return how the target compares with the truth."""
        verdict = judge(self.target, self.served, accounts_of)
        print_report(self.tally, self.served, self.target, verdict)
        return verdict


def accounts_of(stream: str) -> list[str]:
    """Return the accounts of a stream."""
    return ["a", "b"] if registry.PROVIDER_OF[stream] == TWO_ACCOUNTS else ["default"]


def main() -> int:
    """Run the soak; the exit status is 1 if anything was lost."""
    parser = argparse.ArgumentParser(description="Scheduled runs with faults and kills.")
    parser.add_argument("--runs", type=int, default=100, help="number of runs (default: 100)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the soak (default: 7)")
    share = "share of runs with a hostile provider (default: 0.2)"
    parser.add_argument("--hostile", type=float, default=0.2, metavar="SHARE", help=share)
    per_day = "calls of each provider in a day (default: 60)"
    parser.add_argument("--calls", type=int, default=60, help=per_day)
    own = shlex.join([sys.executable, "-m", "tap_voicecalls"])
    parser.add_argument("--tap", type=shlex.split, default=own, help="the command that is run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options, Path(folder))
        soak.play()
        return 0 if soak.report().is_good else 1


if __name__ == "__main__":
    sys.exit(main())
