"""The files of a project, and the commands that come next."""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from tap_voicecalls.common.program import PACKAGE
from tap_voicecalls.project import env_example, meltano_yml, shipped

if TYPE_CHECKING:
    from tap_voicecalls.project.choices import Choices

_CONTENT = {
    "meltano.yml": "the tap, the loader, environments, jobs and a schedule",
    ".env.example": "the keys and addresses that belong into `.env`",
    "plugins/": "the definitions of the plugins, with all their settings",
    "transform/": "a dbt project: staged tables, and calls counted and costed by day",
    "queries/": "queries of the loaded tables",
    "orchestrate/dags/": "a DAG for Airflow that divides a large backfill",
}


def commands(choices: Choices) -> list[str]:
    """Return the commands that come next, in the project's folder."""
    missing = ["the database"] if choices.loader.address else []
    missing += [] if choices.simulated else ["the keys"]
    if not missing:
        return ["meltano install", "meltano run load"]
    fill_in = f"cp .env.example .env    # then fill in {' and '.join(missing)}"
    middle = "meltano install" if choices.simulated else f"meltano invoke {PACKAGE} --test"
    return [fill_in, middle, "meltano run load"]


def contents(choices: Choices) -> dict[Path, str]:
    """Return the text of each file of a project, by its path."""
    locked = [
        shipped.lock_file("extractors", PACKAGE),
        shipped.lock_file("loaders", choices.loader.plugin),
    ]
    if choices.loader.dbt:
        locked.append(shipped.lock_file("utilities", choices.loader.dbt))
    written = {
        Path("meltano.yml"): meltano_yml.text(choices),
        Path(".env.example"): env_example.text(choices),
        Path(".gitignore"): _template("gitignore"),
        **dict(locked),
        **_shipped("transform"),
        **_shipped("queries"),
    }
    if choices.dags:
        written |= _shipped("orchestrate/dags")
    return written | {Path("README.md"): _readme(choices, written)}


def _shipped(folder: shipped.Folder) -> dict[Path, str]:
    return {folder / path: text for path, text in shipped.files(folder).items()}


def _readme(choices: Choices, written: dict[Path, str]) -> str:
    names = {path.as_posix() for path in written}
    rows = [
        f"| `{name}` | {content} |"
        for name, content in _CONTENT.items()
        if any(each.startswith(name) for each in names)
    ]
    return Template(_template("README.md")).substitute(
        providers=", ".join(provider.label for provider in choices.providers),
        loader=choices.loader.label,
        commands="\n".join(commands(choices)),
        files="\n".join(rows),
    )


def _template(name: str) -> str:
    return (resources(__package__) / "templates" / name).read_text(encoding="utf-8")
