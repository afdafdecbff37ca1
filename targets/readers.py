"""Read back what a target loaded. Nothing is rounded here: what is a float was stored as one."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import duckdb
import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

if TYPE_CHECKING:
    from pathlib import Path

    from targets.place import Place, Row, Tables

SCHEMA = "voicecalls"
SNOWFLAKE_DATABASE = "ANALYTICS"
_SECONDS = 300.0

exact_json = partial(json.loads, parse_float=Decimal)
"""Read JSON without making floats of numbers."""


def jsonl(place: Place) -> Tables:
    """Read files of one JSON object a line."""
    return _files(place.folder, "jsonl", _json_lines)


def csv_files(place: Place) -> Tables:
    """Read CSV files; what has no letters is NULL, since CSV does not tell the two apart."""
    return _files(place.folder, "csv", _csv_rows)


def parquet(place: Place) -> Tables:
    """Read Parquet files, in a folder for each stream or beside each other."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return _files(place.folder, "parquet", partial(_parquet_rows, connection))


def sqlite(place: Place) -> Tables:
    """Read an SQLite database."""
    with closing(sqlite3.connect(place.folder / "calls.db")) as connection:
        query = "select name from sqlite_master where type = 'table'"
        names = [name for [name] in connection.execute(query).fetchall()]
        queries = {name: f'select * from "{name}"' for name in names}  # noqa: S608 - our own file
        return {name.lower(): _rows(connection.execute(query)) for name, query in queries.items()}


def duckdb_file(place: Place) -> Tables:
    """Read a DuckDB database."""
    with duckdb.connect(place.folder / "calls.duckdb", read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = ?", [SCHEMA]
        ).fetchall()
        return {name.lower(): _duckdb_rows(connection, f'{SCHEMA}."{name}"') for [name] in names}


def postgres(place: Place) -> Tables:
    """Read a schema of PostgreSQL."""
    with psycopg.connect(place.postgres.url(place.name)) as connection:
        set_json_loads(exact_json, connection)
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = %s", [SCHEMA]
        ).fetchall()
        tables = {name: sql.Identifier(SCHEMA, name) for [name] in names}
        return {
            name.lower(): _rows(connection.execute(sql.SQL("select * from {}").format(table)))
            for name, table in tables.items()
        }


def snowflake(place: Place) -> Tables:
    """Read a schema of the stand-in for Snowflake, every value as text."""
    address = f"http://127.0.0.1:{place.snowflake}/tables/{SNOWFLAKE_DATABASE}/{place.name.upper()}"
    with urlopen(address, timeout=_SECONDS) as answer:
        told = json.load(answer)
    return {name.lower(): [_lower(row) for row in table["rows"]] for name, table in told.items()}


def _files(folder: Path, ending: str, read: Any) -> Tables:  # noqa: ANN401 - a function of a path
    """Read the files of each stream: NAME.ending, NAME-time.ending, or anything in NAME/."""
    tables: Tables = {}
    for path in sorted(folder.rglob(f"*.{ending}")):
        inside = path.parent != folder
        name = path.relative_to(folder).parts[0] if inside else path.name.partition(".")[0]
        tables.setdefault(name.partition("-")[0].lower(), []).extend(read(path))
    return tables


def _json_lines(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [_lower(exact_json(line)) for line in lines]


def _csv_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            {str(name).lower(): value or None for name, value in row.items()}
            for row in csv.DictReader(lines)
        ]


def _parquet_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> list[Row]:
    return _duckdb_rows(connection, f"read_parquet('{path}')")


def _duckdb_rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """Read rows, times as text: DuckDB needs another package to give them a zone."""
    query = f"describe select * from {table}"  # noqa: S608 - a table or a file of our own
    columns = connection.execute(query).fetchall()
    wanted = ", ".join(
        f'"{name}"::varchar as "{name}"' if kind.startswith("TIMESTAMP") else f'"{name}"'
        for name, kind, *_ in columns
    )
    return _rows(connection.execute(f"select {wanted} from {table}"))  # noqa: S608 - as above


def _rows(cursor: Any) -> list[Row]:  # noqa: ANN401 - a cursor of any of three databases
    names = [column[0].lower() for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _lower(row: Row) -> Row:
    return {name.lower(): value for name, value in row.items()}
