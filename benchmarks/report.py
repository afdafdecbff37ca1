"""Writes results.md and results.png: medians, and ratios with their targets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.environments import CACHE, program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Results = dict[str, Any]
    Case = dict[str, Any]

_MIB_AT_MOST = 120


class Ratio(NamedTuple):
    """One line of the table of targets.

    Attributes:
        what: What is compared.
        value: The measured value; None if it was not measured.
        target: The target.
        unit: The unit of both.
        most: Whether the target is a maximum; otherwise it is a minimum.
    """

    what: str
    value: float | None
    target: float
    unit: str = " x"
    most: bool = False

    @property
    def line(self) -> str:
        """The line in Markdown."""
        bound = "at most" if self.most else "at least"
        target = f"{bound} {self.target:g}{self.unit}"
        if self.value is None:
            return f"| {self.what} | {target} | not measured | |"
        reached = self.value <= self.target if self.most else self.value >= self.target
        digits = 0 if self.value >= _MIB_AT_MOST / 2 else 2
        value = f"{self.value:.{digits}f}{self.unit}"
        return f"| {self.what} | {target} | {value} | {'yes' if reached else '**no**'} |"


class Figures:
    """The figures of a run, by case and contestant.

    Args:
        results: The results of the run.
    """

    def __init__(self, results: Results) -> None:
        self.cases: dict[str, Case] = {case["key"]: case for case in results["cases"]}

    def median(self, case: str, contestant: str, figure: str = "seconds") -> float | None:
        """Return the median of a figure; None if it was not measured or failed."""
        entry = self.cases.get(case, {}).get("contestants", {}).get(contestant, {})
        if "failed" in entry or not entry.get("rounds"):
            return None
        return float(median(each[figure] for each in entry["rounds"]))

    def ratio(self, case: str, above: str, below: str, figure: str = "seconds") -> float | None:
        """Return the ratio of two contestants' medians."""
        numerator, denominator = (self.median(case, key, figure) for key in (above, below))
        return numerator / denominator if numerator and denominator else None

    def growth(self) -> list[str]:
        """Return the keys of the growth cases, in order."""
        return [key for key in self.cases if key.startswith("growth-")]


def save(results: Results) -> None:
    """Save the results so far."""
    raw = _raw(results)
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_text(json.dumps(results, indent=1))


def write(results: Results) -> None:
    """Write results.md and results.png: here for a whole run, otherwise in the cache."""
    save(results)
    raw = _raw(results)
    folder = Path(__file__).parent if results["whole"] else raw.parent
    (folder / "results.md").write_text("\n".join(_lines(results)) + "\n", encoding="utf-8")
    chart = Path(__file__).with_name("chart.py")
    subprocess.run([program("chart", "python"), chart, raw, folder / "results.png"], check=True)
    print(f"bench: wrote {folder / 'results.md'} and results.png; all figures are in {raw}")


def _raw(results: Results) -> Path:
    return CACHE / ("whole" if results["whole"] else "partial") / "results.json"


def _lines(results: Results) -> Iterator[str]:
    figures = Figures(results)
    yield "# Results"
    yield ""
    if results["quick"]:
        yield "**A quick run on small data: it shows that everything works, not how fast it is.**"
        yield ""
    yield from _about(results)
    yield ""
    yield "## Against the targets"
    yield ""
    yield "Ratios of medians within this run."
    yield ""
    yield "| | target | measured | reached |"
    yield "|---|---|---|---|"
    yield from (ratio.line for ratio in _ratios(figures))
    for case in results["cases"]:
        if not case["key"].startswith("growth-"):
            yield from ("", f"## {case['title']}", "")
            yield from _case(case)
    if growth := figures.growth():
        yield from ("", "## Growth", "", "The same density, an ever longer history.", "")
        yield from _growth(figures, growth)


def _about(results: Results) -> Iterator[str]:
    machine = results["machine"]
    yield (
        f"{machine['date']}; {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']:.0f} GiB; {machine['system']}; Python {machine['python']}; "
        f"{', '.join(machine['versions'])}. "
        f"Load of the machine before {machine['load_before']:.1f}, after "
        f"{machine['load_after']:.1f}."
    )
    yield ""
    ceiling = results["ceiling"]
    yield (
        "Medians, with the least and the most in brackets. Whole processes, start-up included. "
        f"The server alone gives {ceiling['100']:,.0f} records/s in pages of 100 and "
        f"{ceiling['1000']:,.0f} in pages of 1000, over one connection."
    )


def _ratios(figures: Figures) -> Iterator[Ratio]:
    for size, other, name, target in (
        (100, "plain", "the plain SDK tap", 6),
        (1000, "plain", "the plain SDK tap", 7),
        (100, "airbyte", "Airbyte low-code", 4),
        (1000, "airbyte", "Airbyte low-code", 4),
        (100, "dlt", "dlt extract", 4),
        (1000, "dlt", "dlt extract", 4),
    ):
        value = figures.ratio(f"fast-{size}", other, "tap")
        yield Ratio(f"No latency, pages of {size}, against {name}", value, target)
    for size in (100, 1000):
        value = figures.ratio(f"fast-{size}", "limit", "tap")
        yield Ratio(f"No latency, pages of {size}, share of the limit", value, 1.15, "")
    slow = "200 ms a page, pages of 100, 16 at once, against"
    value = figures.ratio("slow-200", "plain", "tap")
    yield Ratio(f"{slow} the plain SDK tap", value, 13.5)
    value = figures.ratio("slow-200", "airbyte16", "tap")
    yield Ratio(f"{slow} Airbyte with 16 partitions", value, 1.2)
    value = figures.ratio("details", "tap1", "tap16")
    yield Ratio("200 ms a detail request, 16 at once, against one at a time", value, 12)
    value = figures.ratio("nothing-new", "one-by-one", "together")
    yield Ratio("Nothing new, nine providers at 200 ms, against a run for each", value, 4)
    value = figures.ratio("own", "batches", "lines")
    yield Ratio("Batches of jsonl.gz, against messages", value, 1.6, most=True)
    value = figures.ratio("own", "common", "lines")
    yield Ratio("All common streams, against `burki_calls` alone", value, 1.6, most=True)
    yield from _memory(figures)
    value = figures.ratio("start-up", "tap", "empty")
    yield Ratio("`--discover`, against an empty SDK tap's", value, 1, most=True)


def _memory(figures: Figures) -> Iterator[Ratio]:
    *_, before, last = ["growth-100000", "growth-1000000", *figures.growth()]
    peak, peak_before = (figures.median(key, "tap", "peak") for key in (last, before))
    calls, calls_before = (f"{int(key.partition('-')[2]):,}" for key in (last, before))
    yield Ratio(f"Peak memory at {calls} calls", peak, _MIB_AT_MOST, " MiB", most=True)
    grown = peak / peak_before if peak and peak_before else None
    yield Ratio(f"Peak memory at {calls} calls, against {calls_before}", grown, 1.3, most=True)


def _case(case: Case) -> Iterator[str]:
    records = case.get("records")
    head = ["", "seconds", "records/s", "processor s", "peak MiB", "first record s", "money"]
    yield f"| {' | '.join(head)} |"
    yield "|---|---|---|---|---|---|---|"
    for entry in case["contestants"].values():
        rounds = entry["rounds"]
        if "failed" in entry or not rounds:
            yield f"| {entry['title']} | **failed** | | | | | |"
            continue
        rate = f"{records / median(each['seconds'] for each in rounds):,.0f}" if records else ""
        exact = {True: "exact", False: "rounded"}.get(rounds[0].get("exact"), "")
        cells = [entry["title"], _spread(rounds, "seconds", 2), rate, _spread(rounds, "cpu", 2)]
        cells += [_spread(rounds, "peak", 0), _spread(rounds, "first", 2), exact]
        yield f"| {' | '.join(cells)} |"
    counted = {each["records"] for each in _rounds(case) if "records" in each}
    if counted:
        yield ""
        yield f"Counted in each output: {', '.join(f'{count:,}' for count in counted)} records."


def _rounds(case: Case) -> Iterable[dict[str, Any]]:
    return (each for entry in case["contestants"].values() for each in entry["rounds"])


def _growth(figures: Figures, keys: list[str]) -> Iterator[str]:
    yield "| calls | seconds | records/s | peak MiB | first record s |"
    yield "|---|---|---|---|---|"
    for key in keys:
        case = figures.cases[key]
        entry = case["contestants"]["tap"]
        if "failed" in entry:
            yield f"| {case['records']:,} | **failed** | | | |"
            continue
        rate = case["records"] / median(each["seconds"] for each in entry["rounds"])
        cells = [f"{case['records']:,}", _spread(entry["rounds"], "seconds", 2), f"{rate:,.0f}"]
        cells += [_spread(entry["rounds"], name, digits) for name, digits in _LAST]
        yield f"| {' | '.join(cells)} |"


_LAST = (("peak", 0), ("first", 2))


def _spread(rounds: list[dict[str, Any]], figure: str, digits: int) -> str:
    """Return a median with its minimum and maximum."""
    values = [each[figure] for each in rounds if each[figure] is not None]
    if not values:
        return ""
    middle = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


if __name__ == "__main__":
    write(json.loads((CACHE / "whole" / "results.json").read_text()))
