"""What landed in a PostgreSQL: its calls, and the answers to the queries."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from demo.queries import queries
from demo.summary import STREAMS, Record, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMA = "voicecalls"
"""Where `meltano.yml` lets the tables be made."""
_SHOWN = 10
# As the tap writes times; those of a table have no zone, and are UTC.
_WRITTEN = """to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def load(url: str) -> dict[str, list[Record]]:
    """Read of each stream what the summary tells; one without a table holds no record."""
    return {stream: _read(url, stream, start) for stream, start in STREAMS.items()}


def _read(url: str, stream: str, start: str | None) -> list[Record]:
    names = ["account"]
    if stream == "calls":
        names += ["provider", "duration_seconds", "cost", "currency"]
    columns: list[sql.Composable] = list(map(sql.Identifier, names))
    if start:
        written = sql.SQL(_WRITTEN).format(sql.Identifier(start))
        columns.append(sql.SQL("{} as {}").format(written, sql.Identifier(start)))
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(columns), sql.Identifier(SCHEMA, stream)
    )
    with psycopg.connect(url, row_factory=dict_row) as connection:
        try:
            return connection.execute(query).fetchall()
        except psycopg.errors.UndefinedTable:
            return []


def answers(url: str) -> Iterator[str]:
    """Yield each query's question, and its answer as a table."""
    with psycopg.connect(url, options=f"-c search_path={SCHEMA}") as connection:
        for query in queries():
            answer = connection.execute(query.sql.encode())
            names = [column.name for column in answer.description or []]
            yield f"{query.question}\n\n{_laid_out(names, answer.fetchall())}\n"


def _laid_out(names: list[str], rows: Sequence[tuple[object, ...]]) -> str:
    """Lay out the first rows, numbers to the right."""
    shown = rows[:_SHOWN]
    right = {
        place
        for place in range(len(names))
        if all(isinstance(row[place], int | Decimal | None) for row in shown)
    }
    cells = [["-" if value is None else str(value) for value in row] for row in shown]
    more = [f"... and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
    return "\n".join([table(names, cells, right), *more])
