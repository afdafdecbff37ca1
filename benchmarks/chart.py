"""Draw results.png. Runs in the environment `chart`: ``chart.py RESULTS.json OUTPUT.png``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

_OURS, _OURS_LIGHT, _OTHERS, _OTHERS_LIGHT = "#0b6e4f", "#7fc8a9", "#5b6770", "#b4bcc2"
_Case = dict[str, Any]


def main() -> None:
    """Draw both charts."""
    results = json.loads(Path(sys.argv[1]).read_text())
    cases: dict[str, _Case] = {case["key"]: case for case in results["cases"]}
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 4.8), layout="constrained")
    _throughput(left, [cases[key] for key in ("fast-100", "fast-1000") if key in cases])
    _speed_up(right, cases.get("slow-200"))
    machine = results["machine"]
    note = (
        f"{machine['date']}, {machine['cores']} cores, Python {machine['python']}, "
        f"medians of {results['rounds']}"
    )
    if results["quick"]:
        note = f"QUICK RUN ON SMALL DATA - {note}"
    figure.supxlabel(note, fontsize=9, color=_OTHERS)
    figure.savefig(sys.argv[2], dpi=150)


def _throughput(axes: Any, cases: list[_Case]) -> None:  # noqa: ANN401 - matplotlib is not here
    axes.set_title("Records per second, no latency", loc="left", fontweight="bold", fontsize=11)
    height = 0.38
    for index, case in enumerate(cases):
        values = {key: case["records"] / seconds for key, seconds in _seconds(case).items()}
        places = [place + (index - 0.5) * height for place in range(len(values))]
        light = index == 0
        colours = [
            (_OURS_LIGHT if light else _OURS)
            if key == "tap"
            else (_OTHERS_LIGHT if light else _OTHERS)
            for key in values
        ]
        bars = axes.barh(places, list(values.values()), height, color=colours)
        size = case["key"].partition("-")[2]
        axes.bar_label(
            bars,
            [f"{value:,.0f}  ({size} a page)" for value in values.values()],
            padding=4,
            fontsize=8,
        )
    if cases:
        _finish(axes, cases[0])
    else:
        axes.set_axis_off()


def _speed_up(axes: Any, case: _Case | None) -> None:  # noqa: ANN401 - matplotlib is not here
    axes.set_title(
        "200 ms a request (plain SDK tap = 1)",
        loc="left",
        fontweight="bold",
        fontsize=11,
    )
    if case is None or "plain" not in (seconds := _seconds(case)):
        axes.set_axis_off()
        return
    values = [seconds["plain"] / each for each in seconds.values()]
    colours = [_OURS if key == "tap" else _OTHERS for key in seconds]
    bars = axes.barh(range(len(values)), values, 0.6, color=colours)
    axes.bar_label(bars, [f"{value:.1f} x" for value in values], padding=4, fontsize=9)
    _finish(axes, case)


def _seconds(case: _Case) -> dict[str, float]:
    return {
        key: median(each["seconds"] for each in entry["rounds"])
        for key, entry in case["contestants"].items()
        if entry["rounds"] and "failed" not in entry
    }


def _finish(axes: Any, case: _Case) -> None:  # noqa: ANN401 - matplotlib is not here
    titles = [case["contestants"][key]["title"] for key in _seconds(case)]
    axes.set_yticks(range(len(titles)), titles)
    axes.invert_yaxis()
    axes.margins(x=0.22)
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)


if __name__ == "__main__":
    main()
