"""The queries say on PostgreSQL what they say on DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from queries_in_duckdb import load
from support import run_tap

from demo.queries import Query, ask, queries
from tap_voicecalls.records.record_type import encode
from warehouses.expected_calls import calls
from warehouses.landed import SCHEMA
from warehouses.moving import settings

if TYPE_CHECKING:
    import duckdb

    from tap_voicecalls.simulator import Simulator
    from warehouses.moving import Loaded


@pytest.fixture(scope="module")
def in_duckdb(
    moving: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    """The same calls in DuckDB, of what the providers told."""
    folder = tmp_path_factory.mktemp("same")
    turns = run_tap(settings(moving)).records("call_turns")
    for stream, rows in (("calls", calls(moving)), ("call_turns", turns)):
        (folder / f"{stream}.jsonl").write_bytes(b"".join(encode(row) + b"\n" for row in rows))
    return load(folder / "calls.jsonl")


@pytest.mark.parametrize("query", list(queries()), ids=lambda query: query.name)
def test_queries(anew: Loaded, in_duckdb: duckdb.DuckDBPyConnection, query: Query) -> None:
    """Catches a query that PostgreSQL refuses, answers otherwise, or puts in another order."""
    with psycopg.connect(anew.url, options=f"-c search_path={SCHEMA}") as connection:
        answer = connection.execute(query.sql.encode())
        names = [column.name for column in answer.description or []]
        rows = answer.fetchall()
    expected = ask(in_duckdb, query.sql)

    assert (names, rows) == (expected.columns, expected.rows)
    assert rows
