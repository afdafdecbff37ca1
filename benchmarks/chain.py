"""Time the chain of the tap, target-postgres, a temporary PostgreSQL, and Meltano.

``python -m benchmarks.chain``; README.md describes its output. It is not part of ``make bench``,
since no other contestant loads into a database.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg
import yaml

from benchmarks import data
from benchmarks.contestants import Job, tap_config
from benchmarks.data import DataSet
from benchmarks.environments import CACHE, ROOT, own_program
from benchmarks.server import started
from demo.postgres import Server, running

if TYPE_CHECKING:
    from collections.abc import Sequence

_MELTANO = ROOT / ".cache/meltano/bin/meltano"
_TARGET = ROOT / ".meltano/loaders/target-postgres/venv/bin/target-postgres"
_DAYS = 30
_SCHEMA = "voicecalls"


@dataclass(frozen=True)
class Took:
    """The time of a process.

    Attributes:
        seconds: Clock time from start to end.
        cpu: Processor seconds, including those of child processes.
    """

    seconds: float
    cpu: float


class Process:
    """A timed process.

    Args:
        command: The command line.
        log: The file for its stderr.
        stdin: Its input.
        stdout: Its output.
        environment: Variables in addition to those of this process.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._log, self._began = log, time.perf_counter()
        with log.open("wb") as stderr:
            self.child = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=ROOT,
                env={**os.environ, "PGTZ": "UTC", **(environment or {})},
            )

    def end(self) -> Took:
        """Wait for the end of the process.

        Raises:
            RuntimeError: The process failed.
        """
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        if self.child.returncode:
            msg = f"failed:\n{self._log.read_text(errors='replace')[-4000:]}"
            raise RuntimeError(msg)
        return Took(time.perf_counter() - self._began, usage.ru_utime + usage.ru_stime)


class Chain:
    """The chain over one set of calls.

    Args:
        calls: The calls.
        port: The port of the server of calls.
        server: The PostgreSQL.
        folder: A folder for files.
    """

    def __init__(self, calls: DataSet, port: int, server: Server, folder: Path) -> None:
        self._calls, self._server, self._folder = calls, server, folder
        base_url = f"http://127.0.0.1:{port}/{calls.name}/1000/0"
        job = Job(base_url, calls, 1000, 8, folder)
        self._config = job.write("config.json", tap_config(job))
        self._output = folder / "messages.jsonl"

    def tap(self) -> Took:
        """Run the tap alone, into a file."""
        with self._output.open("wb") as output:
            return Process(self._tap(), self._folder / "tap.log", stdout=output).end()

    def target(self) -> Took:
        """Run the target alone, from that file."""
        with self._output.open("rb") as output:
            log = self._folder / "target.log"
            return Process(self._target("alone"), log, stdin=output).end()

    def pipe(self, database: str) -> tuple[Took, Took]:
        """Run the tap and the target, with a pipe between them."""
        tap = Process(self._tap(), self._folder / "tap.log", stdout=subprocess.PIPE)
        log, messages = self._folder / "target.log", tap.child.stdout
        assert messages  # noqa: S101 - it is a pipe
        target = Process(self._target(database), log, stdin=messages)
        messages.close()  # only the target reads it: if the target ends, the tap ends too
        return tap.end(), target.end()

    def meltano(self) -> Took:
        """Run both with Meltano."""
        options = ["--full-refresh", "--force", "--state-id-suffix=chain"]
        command: list[str | Path] = [_MELTANO, "--environment=prod", "run", *options]
        environment = {
            "TAP_VOICECALLS_CONFIG_FILE": str(self._config),
            "TARGET_POSTGRES_SQLALCHEMY_URL": self._url("meltano"),
        }
        log = self._folder / "meltano.log"
        words = [*command, "tap-voicecalls", "target-postgres"]
        return Process(words, log, environment=environment).end()

    def check(self, database: str) -> None:
        """Check that the load is complete.

        Raises:
            RuntimeError: A table does not have all calls.
        """
        with psycopg.connect(self._server.url(database)) as connection:
            for table in (b"burki_calls", b"calls"):
                query = b"select count(*) from " + _SCHEMA.encode() + b"." + table
                [[count]] = connection.execute(query).fetchall()
                if count != self._calls.records:
                    name = f"{table.decode()} of {database}"
                    msg = f"{name} has {count} rows, not {self._calls.records}"
                    raise RuntimeError(msg)

    def _tap(self) -> list[str | Path]:
        return [own_program("tap-voicecalls"), f"--config={self._config}"]

    def _target(self, database: str) -> list[str | Path]:
        config = self._folder / "target.json"
        settings = {**_target_settings(), "sqlalchemy_url": self._url(database)}
        config.write_text(json.dumps(settings), encoding="utf-8")
        return [_TARGET, f"--config={config}"]

    def _url(self, database: str) -> str:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            known = connection.execute("select datname from pg_database").fetchall()
            if (database,) not in known:
                connection.execute(f"create database {database}".encode())
        return self._server.url(database, scheme="postgresql+psycopg")


def _target_settings() -> dict[str, object]:
    """Return the target's settings in meltano.yml."""
    definition = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    loaders = {loader["name"]: loader for loader in definition["plugins"]["loaders"]}
    settings = loaders["target-postgres"]["settings"]
    return {setting["name"]: setting["value"] for setting in settings if "value" in setting}


def _print(what: str, calls: int, took: Took) -> None:
    rate = calls / took.seconds
    print(f"{what:44}{took.seconds:8.1f} s {took.cpu:8.1f} s cpu {rate:8,.0f} calls/s", flush=True)


def main() -> int:
    """Measure each part, then the whole chain."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chain", description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    count = parser.parse_args().calls
    if not _TARGET.exists():
        subprocess.run([_MELTANO, "install", "loader", "target-postgres"], cwd=ROOT, check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    calls = DataSet(count, _DAYS)
    CACHE.mkdir(parents=True, exist_ok=True)
    data.prepare(CACHE / "data", calls)
    with ExitStack() as stack:
        port = stack.enter_context(started(CACHE / "data"))
        server = stack.enter_context(running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=CACHE)))
        _measure(Chain(calls, port, server, folder), count)
    return 0


def _measure(chain: Chain, count: int) -> None:
    print(f"{count:,} calls: as many rows in burki_calls, and as many in calls")
    _print("tap > file", count, chain.tap())
    _print("target < file", count, chain.target())
    for database, what in (("piped", "into empty tables"), ("piped", "over the same rows")):
        tap, target = chain.pipe(database)
        _print(f"tap | target, {what}: the tap", count, tap)
        _print(f"tap | target, {what}: the target", count, target)
    _print("meltano run, into empty tables", count, chain.meltano())
    for database in ("alone", "piped", "meltano"):
        chain.check(database)


if __name__ == "__main__":
    sys.exit(main())
