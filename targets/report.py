"""The table of the targets, as Markdown."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

    from targets.compare import Comparison
    from targets.target import Target
    from targets.trial import Trial

_HEAD = (
    "| target | rows | amounts | with `use_singer_decimal` | times | objects | a later run "
    "| seconds | to set | other faults |\n|---|---|---|---|---|---|---|---|---|---|"
)
_FIELDS_NAMED = 2


@dataclass
class Outcome:
    """What became of one target.

    Attributes:
        target: The target.
        plain: Its trial with amounts as numbers, or why there is none.
        exact: Its trial with amounts as text, or why there is none.
        not_installed: Why it is not installed, empty if it is.
    """

    target: Target
    plain: Trial | str = ""
    exact: Trial | str = ""
    not_installed: str = ""


def page(outcomes: list[Outcome], not_run: dict[str, str]) -> str:
    """Return the table, and what it was made with."""
    rows = max(
        trial.result.expected
        for outcome in outcomes
        for trial in (outcome.plain, outcome.exact)
        if not isinstance(trial, str)
    )
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{rows:,} rows, on Python {python}.\n\n{table(outcomes, not_run)}"


def table(outcomes: list[Outcome], not_run: dict[str, str]) -> str:
    """Return the table."""
    rows = [_row(outcome) for outcome in outcomes]
    rows += [f"| {name} | {why} |{' |' * 8}" for name, why in not_run.items()]
    return "\n".join([_HEAD, *rows]) + "\n"


def _row(outcome: Outcome) -> str:
    target = outcome.target
    name = f"{target.name} {target.version}"
    if outcome.not_installed:
        return (
            f"| {name} | not run: does not install here: {_cell(outcome.not_installed)} |{' |' * 8}"
        )
    trial = next((t for t in (outcome.plain, outcome.exact) if not isinstance(t, str)), None)
    if trial is None:
        return f"| {name} | **fails**: {_cell(str(outcome.plain))} |{' |' * 8}"
    cells = [
        _rows(trial.result),
        _amounts(outcome.plain),
        _amounts(outcome.exact),
        _kind(trial.result, "time"),
        _kind(trial.result, "object"),
        _again(trial),
        f"{trial.seconds:.0f}",
        target.to_set,
        _others(outcome),
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _rows(result: Comparison) -> str:
    """Say whether all rows are there, once each."""
    lost, surplus = sum(result.missing.values()), sum(result.surplus.values())
    if not lost and not surplus:
        return f"all {result.expected:,}"
    said = [f"**loses {lost:,} of {result.expected:,}** ({_names(result.missing)})"] if lost else []
    said += [f"**{surplus:,} too many** ({_names(result.surplus)})"] if surplus else []
    return ", ".join(said)


def _amounts(trial: Trial | str) -> str:
    if isinstance(trial, str):
        return f"**fails**: {_cell(trial)}" if trial else "not run"
    return _kind(trial.result, "amount")


def _kind(result: Comparison, kind: str) -> str:
    """Say whether all values of a kind are as they were written."""
    if not result.compared[kind] or result.landed == 0:
        return "nothing to compare"
    found = result.of_kind(kind)
    return "; ".join(f"**{what}** ({_names(fields)})" for what, fields in found.items()) or "exact"


def _again(trial: Trial) -> str:
    """Say what a later run with some of the same records did."""
    if isinstance(trial.again, str):
        return f"**fails**: {_cell(trial.again)}"
    lost = trial.again.missing.total() - trial.result.missing.total()
    surplus = trial.again.surplus.total() - trial.result.surplus.total()
    if lost > 0:
        return "**keeps only the last run**"
    return "**appends**" if surplus > 0 else "replaces"


def _others(outcome: Outcome) -> str:
    trials = [t for t in (outcome.plain, outcome.exact) if not isinstance(t, str)]
    result = trials[0].result
    said = [
        f"{what} ({_names(fields)})"
        for kind in ("text", "integer", "boolean")
        for what, fields in result.of_kind(kind).items()
    ]
    if result.spread:
        said.append(f"objects become columns, as in `agent__name` ({_names(result.spread)})")
    if result.renamed:
        said.append(f"names in camel case become snake case ({_names(result.renamed)})")
    return "; ".join(said)


def _names(counted: Counter[str]) -> str:
    """Name the most frequent, and count the rest."""
    named = [f"`{name}`" for name, _ in counted.most_common(_FIELDS_NAMED)]
    more = len(counted) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _cell(text: str) -> str:
    """Return text that breaks no table."""
    return "`" + " ".join(text.replace("|", "/").replace("`", "'").split()) + "`"
