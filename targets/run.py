"""``python -m targets.run``: try all targets, or those whose names have one of the given words."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from demo.postgres import Server, running
from scripts.marked import replaced
from targets import world
from targets.catalogue import NOT_RUN, TARGETS
from targets.environments import CACHE, ROOT, NotInstalledError, program
from targets.place import Place
from targets.readers import SCHEMA
from targets.report import Outcome, page, table
from targets.trial import LoadError, Trial, Written, try_out
from targets.written import streams, write_half

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator
    from targets.target import Target

_PAGE = ROOT / "docs/targets.md"
_STAND_IN = ROOT / ".cache/fakesnow/bin/python"


class Runs:
    """Runs targets one after the other, each into a place of its own.

    Args:
        simulator: What the tap reads.
        postgres: A server.
        snowflake: The port of the stand-in for Snowflake, None where there is none.
        folder: Where files are written.
    """

    def __init__(
        self, simulator: Simulator, postgres: Server, snowflake: int | None, folder: Path
    ) -> None:
        self._simulator, self._postgres = simulator, postgres
        self._snowflake, self._folder = snowflake, folder
        self._written: dict[tuple[bool, bool], Written] = {}

    def outcome(self, target: Target) -> Outcome:
        """Try a target with amounts as numbers and as text."""
        try:
            command = program(target)
        except NotInstalledError as error:
            return Outcome(target, not_installed=str(error))
        plain = self._tried(target, command, exact=False)
        return Outcome(target, plain, self._tried(target, command, exact=True))

    def _tried(self, target: Target, command: list[str], *, exact: bool) -> Trial | str:
        place = self._place(f"{target.key}{'_exact' * exact}")
        try:
            written = self._messages(flattened=target.flattened, exact=exact)
            return try_out(target, command, place, written)
        except (LoadError, world.TapError) as error:
            return str(error)

    def _messages(self, *, flattened: bool, exact: bool) -> Written:
        if (flattened, exact) not in self._written:
            path = self._folder / f"messages{'_flat' * flattened}{'_exact' * exact}.jsonl"
            seconds = world.write(self._simulator, path, flattened=flattened, exact=exact)
            half = path.with_suffix(".half.jsonl")
            write_half(path, half)
            written = Written(path, half, streams(path))
            rows = sum(len(stream.rows) for stream in written.streams.values())
            print(f"{path.name}: {rows:,} rows of the tap in {seconds:.1f} s", flush=True)
            self._written[flattened, exact] = written
        return self._written[flattened, exact]

    def _place(self, name: str) -> Place:
        folder = self._folder / name
        folder.mkdir()
        with psycopg.connect(self._postgres.url(), autocommit=True) as connection:
            connection.execute(f'create database "{name}"'.encode())
        with psycopg.connect(self._postgres.url(name)) as connection:
            connection.execute(f"create schema {SCHEMA}".encode())
        return Place(name, folder, self._postgres, self._snowflake)


@contextmanager
def _snowflake(folder: Path) -> Iterator[int | None]:
    """Run the stand-in for Snowflake that the tests use, if `make` has installed it."""
    if not _STAND_IN.exists():
        yield None
        return
    with (
        (folder / "snowflake.log").open("wb") as log,
        subprocess.Popen(
            [_STAND_IN, "-m", "warehouses.snowflake.stand_in"],
            cwd=ROOT / "tests",
            env={"TMPDIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        yield int(process.stdout.readline()) if process.stdout else None
        if process.stdin:
            process.stdin.close()  # it ends with its input


def main() -> int:
    """Try the targets, print the table, and write it into the docs if all were tried."""
    parser = argparse.ArgumentParser(prog="python -m targets.run", description=__doc__)
    parser.add_argument("words", nargs="*", help="parts of names of targets; all by default")
    words = parser.parse_args().words
    chosen = [t for t in TARGETS if not words or any(word in t.key for word in words)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    CACHE.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=CACHE)))
        simulator, postgres = stack.enter_context(world.served()), stack.enter_context(running())
        runs = Runs(simulator, postgres, stack.enter_context(_snowflake(folder)), folder)
        for target in chosen:
            print(f"== {target.name} {target.version}", flush=True)
            outcomes.append(runs.outcome(target))
            print(table(outcomes[-1:], {}).splitlines()[-1], flush=True)
    if not words:
        report, text = page(outcomes, NOT_RUN), _PAGE.read_text(encoding="utf-8")
        _PAGE.write_text(replaced(text, "targets", "\n" + report + "\n"), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
