"""What a user waits for: calls that are read and loaded into a database, by this tap and by others.

Each run loads into an empty database. The calls are one table with nested data as JSON.
"""

from __future__ import annotations

import shlex
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg

from benchmarks.contestants import HERE, airbyte_config, tap_command, tap_config
from benchmarks.data import llm_cost
from benchmarks.environments import program
from benchmarks.measure import measure
from benchmarks.server import KEY
from demo.postgres import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.contestants import Job
    from benchmarks.data import DataSet
    from demo.postgres import Server

_SCHEMA = "loaded"
_QUERY = f"select count(distinct id), sum(llm_cost)::text from {_SCHEMA}."  # noqa: S608 - our own
_UPSERT = {"load_method": "upsert", "default_target_schema": _SCHEMA}


@dataclass(frozen=True, slots=True)
class Place:
    """An empty database.

    Attributes:
        server: The PostgreSQL.
        file: Where a DuckDB file may be made.
    """

    server: Server
    file: Path

    def empty(self) -> None:
        """Empty both databases."""
        self.file.unlink(missing_ok=True)
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(f"drop schema if exists {_SCHEMA} cascade".encode())

    def found(self, table: str, *, is_file: bool) -> tuple[int, Decimal]:
        """Return how many calls a table has, and the sum of one of their costs."""
        if is_file:
            with closing(duckdb.connect(str(self.file), read_only=True)) as file:
                count, total = file.execute(_QUERY + table).fetchall()[0]
        else:
            with psycopg.connect(self.server.url()) as connection:
                query = (_QUERY + table).encode()
                count, total = connection.execute(query).fetchall()[0]
        return count, Decimal(total)


@dataclass(frozen=True, slots=True)
class Load:
    """A way of loading calls.

    Attributes:
        key: Its short name.
        title: Its title in the report.
        table: The table that it makes.
        command: Returns the command.
        is_file: Whether it loads into DuckDB, and not into PostgreSQL.
    """

    key: str
    title: str
    table: str
    command: Callable[[Job, Place], list[str | Path]]
    is_file: bool = False

    def run(self, job: Job, place: Place) -> dict[str, Any]:
        """Load the calls, and return figures and the facts about the table."""
        place.empty()
        environment = {
            "PGTZ": "UTC",
            "AIRBYTE_OFFLINE_MODE": "1",  # it has neither a registry nor a telemetry then
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "DLT_DATA_DIR": str(job.folder / "dlt"),
        }
        figures = measure(self.command(job, place), output=job.output, environment=environment)
        count, total = place.found(self.table, is_file=self.is_file)
        return asdict(figures) | {"records": count, "exact": total == _total(job.calls)}


@contextmanager
def place_in(folder: Path) -> Iterator[Place]:
    """Start a PostgreSQL."""
    with running() as server:
        yield Place(server, folder / "calls.duckdb")


def _total(calls: DataSet) -> Decimal:
    return sum((Decimal(llm_cost(number)) for number in range(1, calls.records + 1)), Decimal(0))


def _singer(target: str, name: str, settings: Callable[[Place], dict[str, Any]]) -> Any:  # noqa: ANN401 - a command of Load
    def command(job: Job, place: Place) -> list[str | Path]:
        tap = tap_command(job, tap_config(job), "burki_calls")
        loader: list[str | Path]
        loader = [program(target, name), "--config", job.write("target.json", settings(place))]
        pipe = " | ".join(shlex.join(map(str, part)) for part in (tap, loader))
        return ["bash", "-o", "pipefail", "-c", pipe]

    return command


def _postgres(place: Place, **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - of the target
    url = place.server.url(scheme="postgresql+psycopg")
    return {"sqlalchemy_url": url, "validate_records": False, **_UPSERT, **settings}


def _pipelinewise(place: Place) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": place.server.port,
        "user": "voicecalls",
        "password": "none",
        "dbname": "postgres",
        "default_target_schema": _SCHEMA,
    }


def _with_password(place: Place) -> str:
    """Return the URL with a password, which dlt insists on; the server asks for none."""
    return place.server.url().replace("@", ":none@")


def _dlt(destination: str, url: Callable[[Place], str]) -> Callable[[Job, Place], list[str | Path]]:
    def command(job: Job, place: Place) -> list[str | Path]:
        script: list[str | Path] = [program("dlt", "python"), HERE / "dlt_load.py"]
        source: list[str | Path]
        source = [job.base_url, KEY, str(job.page_size), job.folder / "pipelines"]
        return [*script, *source, destination, url(place)]

    return command


def _pyairbyte(job: Job, place: Place) -> list[str | Path]:
    config = job.write("config.json", airbyte_config(job, 16))
    script = [program("pyairbyte", "python"), HERE / "pyairbyte_load.py"]
    return [*script, config, HERE / "airbyte_manifest.yaml", place.file]


LOADS = (
    Load(
        "postgres",
        "tap-voicecalls and target-postgres (MeltanoLabs)",
        "burki_calls",
        _singer("target-postgres", "target-postgres", _postgres),
    ),
    Load(
        "postgres-copy",
        "the same, with `use_copy`",
        "burki_calls",
        _singer("target-postgres", "target-postgres", lambda at: _postgres(at, use_copy=True)),
    ),
    Load(
        "pipelinewise",
        "tap-voicecalls and pipelinewise-target-postgres",
        "burki_calls",
        _singer("pipelinewise-target-postgres", "target-postgres", _pipelinewise),
    ),
    Load("dlt-postgres", "dlt, PostgreSQL", "calls", _dlt("postgres", _with_password)),
    Load(
        "duckdb",
        "tap-voicecalls and target-duckdb 0.8.0, which loses a row",
        "burki_calls",
        _singer(
            "target-duckdb",
            "target-duckdb",
            lambda at: {
                "filepath": str(at.file),
                "default_target_schema": _SCHEMA,
            },
        ),
        is_file=True,
    ),
    Load(
        "dlt-duckdb",
        "dlt, DuckDB",
        "calls",
        _dlt("duckdb", lambda at: str(at.file)),
        is_file=True,
    ),
    Load(
        "pyairbyte",
        "PyAirbyte with 16 partitions at once, DuckDB",
        "calls_in_parts",
        _pyairbyte,
        is_file=True,
    ),
)
