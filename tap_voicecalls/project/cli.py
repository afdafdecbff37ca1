"""The command `voicecalls-init`: writes a Meltano project into a folder."""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import sys
from datetime import date
from pathlib import Path

from tap_voicecalls.cli import run_command
from tap_voicecalls.common.program import parser_of
from tap_voicecalls.project.choices import (
    LOADERS,
    Choices,
    installed_from,
    named,
    provider_names,
    recent,
)
from tap_voicecalls.project.contents import commands
from tap_voicecalls.project.questions import ask_one, ask_some
from tap_voicecalls.project.shipped import root
from tap_voicecalls.project.writing import check_empty, write

_PROGRAM = "voicecalls-init"
_DESCRIPTION = """\
Write a Meltano project into a new folder: meltano.yml, .env.example, a dbt project, queries. On a
terminal it asks for the providers and the loader if they are not given."""
_EPILOG = f"""\
examples:
  {_PROGRAM} calls --simulated                             made-up calls, no account needed
  {_PROGRAM} calls --provider burki --provider vapi --loader postgres
  cp -r "$({_PROGRAM} --where)/queries" .                  the shipped files, for another project

exit status: 0 for success, 1 for errors, 2 for a wrong command line"""


def main() -> None:
    """Run the command."""
    logging.basicConfig(level=logging.WARNING, format=f"{_PROGRAM}: %(message)s")
    run_command(_run)


def _run() -> None:
    parser = _parser()
    options = parser.parse_args()
    if options.where:
        _print(str(root()))
        return
    if options.folder is None:
        parser.error("name the folder of the project")
    check_empty(options.folder)
    choices = _choices(parser, options)
    write(options.folder, choices)
    _print(_report(options.folder, choices))


def _choices(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Choices:
    """Ask for what was not given, if there is somebody to ask."""
    names, loader = options.provider, options.loader
    if sys.stdin.isatty() and sys.stdout.isatty():
        if not (names or options.simulated):
            names = ask_some("Providers", provider_names())
        loader = loader or ask_one("Loader", list(LOADERS), default="jsonl")
    if not (names or options.simulated):
        parser.error("name the providers to read with --provider, or use --simulated")
    return Choices(
        providers=named(names or provider_names()),
        loader=LOADERS[loader or "jsonl"],
        simulated=options.simulated,
        dags=options.dags,
        start_date=options.start_date or recent(),
        pip_url=options.pip_url or installed_from(),
    )


def _report(folder: Path, choices: Choices) -> str:
    """Return what was written, and the next commands."""
    providers = ", ".join(provider.name for provider in choices.providers)
    made_up = " (simulated)" if choices.simulated else ""
    first = f"cd {shlex.quote(os.fspath(folder))}"
    following = commands(choices)
    if len(following) > 2:  # noqa: PLR2004 - at most three lines
        first, *following = f"{first} && {following[0]}", *following[1:]
    lines = "\n".join(f"  {line}" for line in (first, *following))
    return f"Wrote {folder}: {providers}{made_up} into {choices.loader.label}. Next:\n\n{lines}\n"


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(_PROGRAM, _DESCRIPTION, _EPILOG)
    add = parser.add_argument
    add("folder", nargs="?", type=Path, metavar="FOLDER", help="an empty or a new folder")
    add(
        "--provider",
        action="append",
        default=[],
        choices=provider_names(),
        metavar="NAME",
        help=f"a provider to read, may be given several times: {', '.join(provider_names())}",
    )
    add(
        "--loader",
        choices=list(LOADERS),
        metavar="NAME",
        help=f"where calls are loaded to: {', '.join(LOADERS)}; by default jsonl",
    )
    add(
        "--simulated",
        action="store_true",
        help="read made-up calls from the built-in simulator until you change it; by default of "
        "all providers",
    )
    add(
        "--start-date",
        type=_date,
        metavar="YYYY-MM-DD",
        help="the first day to read calls of; by default seven days ago",
    )
    _add_rarer(parser)
    return parser


def _add_rarer(parser: argparse.ArgumentParser) -> None:
    """Add the options that most projects need not."""
    add = parser.add_argument
    add("--dags", action="store_true", help="add the Airflow DAG for large backfills")
    add(
        "--pip-url",
        metavar="URL",
        help="where Meltano installs the tap from; by default where this one came from",
    )
    add(
        "--where",
        action="store_true",
        help="print the folder of the shipped files (hub, queries, transform, orchestrate/dags), "
        "and end",
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date such as 2026-01-31"
        raise argparse.ArgumentTypeError(message) from None
