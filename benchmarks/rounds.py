"""Runs the contestants of a case round by round."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from benchmarks import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Round = dict[str, Any]
    Entry = dict[str, Any]


def entry_of(
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
