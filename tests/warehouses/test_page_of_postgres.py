"""`voicecalls-page` on the tables that target-postgres makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from made_up_page import embedded, make_page, streams, write_lines
from psycopg import sql
from registry import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from made_up_calls import Call

    from demo import postgres

TYPES = {"integer": "bigint", "number": "numeric", "boolean": "boolean", "string": "text"}


def column(name: str, schema: dict[str, object]) -> sql.Composable:
    """Return a column as target-postgres declares it: times have no zone, and are UTC."""
    kinds = schema["type"]
    kind = kinds[0] if isinstance(kinds, list) else kinds
    declared = "timestamp" if schema.get("format") == "date-time" else TYPES[str(kind)]
    return sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(declared))


def load(url: str, stream: str, rows: list[Call]) -> None:
    """Make a table of a stream, in a schema of its own."""
    columns = schema_of(stream)["properties"]
    with psycopg.connect(url) as connection:
        connection.execute("create schema if not exists voicecalls")
        table = sql.Identifier("voicecalls", stream)
        declared = sql.SQL(", ").join(column(*item) for item in columns.items())
        connection.execute(sql.SQL("create table {} ({})").format(table, declared))
        values = sql.SQL(", ").join(sql.SQL("%s") * len(columns))
        insert = sql.SQL("insert into {} values ({})").format(table, values)
        connection.cursor().executemany(insert, [[row[name] for name in columns] for row in rows])


def test_the_same_page(server: postgres.Server, database: str, tmp_path: Path) -> None:
    """Catches times moved by the session's zone, money through a float, a schema not found."""
    rows = streams()
    url = server.url(database)
    for stream, found in rows.items():
        load(url, stream, found)
    expected, page = tmp_path / "expected.html", tmp_path / "page.html"
    assert make_page(write_lines(tmp_path, rows), expected).returncode == 0

    assert make_page(url.replace("postgresql", "postgresql+psycopg", 1), page).stderr == ""

    shown, same = embedded(page), embedded(expected)
    assert shown.keys() == same.keys()
    assert [name for name in same if shown[name] != same[name]] == []


def test_since(server: postgres.Server, database: str, tmp_path: Path) -> None:
    """Catches a day that begins in the time zone of the session."""
    load(server.url(database), "calls", streams()["calls"])
    page = tmp_path / "page.html"

    assert make_page(server.url(database), page, "--since=2026-01-12").returncode == 0
    found = embedded(page)["header"]["rows"]
    starts = [call["started_at"] for call in streams()["calls"]]
    assert found == sum(start is None or start >= "2026-01-12" for start in starts)


@pytest.mark.parametrize("table", ["", "create table calls (started_at timestamp)"])
def test_no_calls(table: str, server: postgres.Server, database: str, tmp_path: Path) -> None:
    """Catches a traceback on a database into which nothing was loaded."""
    with psycopg.connect(server.url(database)) as connection:
        connection.execute(table.encode() or b"select 1")

    done = make_page(server.url(database), tmp_path / "page.html")

    assert done.returncode == 1
    assert "has no table `calls`; load the stream `calls` into it" in done.stderr


def test_no_server(tmp_path: Path) -> None:
    """Catches a password that ends up in a log."""
    done = make_page("postgresql://analyst:hush@127.0.0.1:1/calls", tmp_path / "page.html")

    assert done.returncode == 1
    expected = "cannot connect to 127.0.0.1/calls: no server listens there (OperationalError"
    assert done.stderr.startswith(expected)
    assert "hush" not in done.stderr + done.stdout


def test_no_database(server: postgres.Server, tmp_path: Path) -> None:
    """Catches a typo in the database's name that looks like a server that is down."""
    done = make_page(server.url("nosuch"), tmp_path / "page.html")

    assert done.returncode == 1
    assert "/nosuch: there is no such database or user (OperationalError" in done.stderr
