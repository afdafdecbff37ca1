"""The counts of a soak, and how they are printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soak_world import PROVIDERS

if TYPE_CHECKING:
    from soak_target import Target, Verdict

    from tap_voicecalls.simulator import Simulator


@dataclass
class Tally:
    """What happened in the runs.

    Attributes:
        ends: How runs ended.
        failures: The last log line of runs that failed without an interruption.
        tracebacks: The number of runs that logged a traceback.
        hostile: The runs with a hostile provider, by its name, its fault, and how they ended.
        unread: How often a provider got no request while another one was hostile.
    """

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    tracebacks: int = 0
    hostile: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unread: int = 0


def print_report(tally: Tally, served: Simulator, target: Target, verdict: Verdict) -> None:
    """Print what happened, and compare the target with the truth."""
    for name, count in {**_runs(tally, served), **_records(served, target, verdict)}.items():
        print(f"{name:<48}{count:>8}")
    for (provider, kind, end), count in sorted(tally.hostile.items()):
        print(f"hostile: {provider}, {kind}: {end}" + (f", {count} times" * (count > 1)))
    for line in tally.failures:
        print(f"failed: {line}")


def _runs(tally: Tally, served: Simulator) -> dict[str, int]:
    injected = served.injected
    return {
        "scheduled runs": tally.ends.total(),
        **{f"  {end}": count for end, count in tally.ends.most_common()},
        "runs with a traceback": tally.tracebacks,
        "providers not read while another was hostile": tally.unread,
        "requests": len(served.requests),
        "faults injected": injected.total(),
        **{f"  {kind}": count for kind, count in sorted(injected.items())},
        "requests sent before a pause was over": served.early_requests.total(),
    }


def _records(served: Simulator, target: Target, verdict: Verdict) -> dict[str, int]:
    return {
        "calls in the world": sum(len(served.world.calls(name)) for name in PROVIDERS),
        "their records at the end": verdict.truth,
        "records in the target": sum(len(rows) for rows in target.rows.values()),
        **{f"  {stream}": len(target.rows[stream]) for stream in sorted(target.rows)},
        "records delivered more than once": target.again.total(),
        **{f"  {reason}": count for reason, count in target.again.most_common()},
        "lost": verdict.lost,
        "not in the final form": verdict.wrong,
        "doubled in calls": verdict.doubled,
        "records without their call": verdict.without_call,
    }
