"""The questions worth asking: each file in `queries` is one, in SQL, and its first line asks it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

FOLDER = Path(__file__).parents[1] / "queries"


class Query(NamedTuple):
    """A question, what to know about its answer, and the SQL that gives it."""

    name: str
    question: str
    note: str
    sql: str


class Table(NamedTuple):
    """Rows under their columns' names."""

    columns: list[str]
    rows: list[tuple[object, ...]]


def queries() -> Iterator[Query]:
    """Yield each query; the comment lines it starts with are the question and the note."""
    for path in sorted(FOLDER.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        question, note = (line.removeprefix("-- ") for line in sql.splitlines()[:2])
        yield Query(path.name, question, note, sql)


def ask(database: duckdb.DuckDBPyConnection, sql: str, **values: object) -> Table:
    """Run a statement, with values for its `$names`, and return all of its answer."""
    found = database.execute(sql, values)
    return Table([column[0] for column in found.description or []], found.fetchall())
