"""The command `voicecalls-page`."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tap_voicecalls.cli import run_command
from tap_voicecalls.common.program import parser_of
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.page.calls import collect
from tap_voicecalls.page.document import document
from tap_voicecalls.page.packing import pack
from tap_voicecalls.page.sources import open_source
from tap_voicecalls.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PROGRAM = "voicecalls-page"
_MOST_CALLS = 200_000
_DESCRIPTION = """\
Write a page of the calls: one HTML file that any browser opens without a network. It shows how many
calls succeed, why calls end, how long callers wait for answers, what calls cost, and each call with
its turns. It holds the phone numbers and what was said as the source has them: share it
accordingly."""
_EPILOG = f"""\
examples:
  {_PROGRAM} output                                        calls.jsonl in a folder
  {_PROGRAM} calls.parquet june.html --since 2026-06-01
  {_PROGRAM} warehouse.duckdb --schema voicecalls
  {_PROGRAM} postgresql://analyst@warehouse/calls          password from ~/.pgpass or PGPASSWORD

Parquet and DuckDB need tap-voicecalls[duckdb], PostgreSQL needs tap-voicecalls[postgres]."""


def main() -> None:
    """Run the command."""
    run_command(_run)


def _run() -> None:
    sys.stdout.write(f"{write_page()}\n")


def write_page(arguments: Sequence[str] | None = None) -> str:
    """Write the page.

    Args:
        arguments: Command-line arguments; those of the process by default.

    Returns:
        A line that says what is in which file.

    Raises:
        PageError: The source cannot be read.
    """
    options = _parser().parse_args(arguments)
    opened = open_source(options.source, schema=options.schema, since=options.since)
    with closing(opened) as source:
        calls = collect(source, options.limit)
    about = {
        "made": datetime.now(UTC).timestamp(),
        "madeUp": options.made_up,
        "zone": options.time_zone,
    }
    labels = {provider.name: provider.label for provider in PROVIDERS}
    turns = sum(map(len, calls.turns.values()))
    _write(options.page, document(pack(calls, labels, about)))
    size = options.page.stat().st_size / 1e6
    shown = f"{len(calls.calls):,} calls"
    if calls.known > len(calls.calls):
        shown = f"the newest {len(calls.calls):,} of {calls.known:,} calls"
    return f"{options.page}: {shown}, {turns:,} turns, {size:.1f} MB; open it in a browser"


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Write a file as a whole: nobody sees half of a page that replaces another one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(_PROGRAM, _DESCRIPTION, _EPILOG)
    parser.add_argument(
        "source",
        help="a folder or file of JSON lines or Parquet, a .duckdb file, or postgresql://...",
    )
    parser.add_argument(
        "page", nargs="?", type=Path, default=Path("calls.html"), help="default: calls.html"
    )
    parser.add_argument("--schema", help="the database's schema, if several have a table calls")
    parser.add_argument(
        "--since", type=_time, metavar="DATE", help="leave out calls that started earlier"
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=_MOST_CALLS,
        metavar="N",
        help=f"show only the newest N calls (default: {_MOST_CALLS:,})",
    )
    parser.add_argument(
        "--time-zone",
        type=_zone,
        metavar="ZONE",
        help="the page's time zone, such as Europe/Berlin (default: the reader's own)",
    )
    parser.add_argument("--made-up", action="store_true", help="say that the calls are made up")
    return parser


def _time(text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        msg = f"{text!r} is not a date such as 2026-06-01"
        raise argparse.ArgumentTypeError(msg) from error


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        msg = f"{text!r} is not a whole number above 0"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{text!r} is not a time zone such as Europe/Berlin"
        raise argparse.ArgumentTypeError(msg) from error
