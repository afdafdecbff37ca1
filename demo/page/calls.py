"""The calls of a JSON lines file as a table in DuckDB, typed as a warehouse would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

LINES = """
    create temp table lines (
        provider text, account text, call_id text, stream text,
        direction text, status text, provider_status text, channel text,
        from_number text, to_number text, agent_id text, agent_name text,
        started_at timestamptz, ended_at timestamptz, duration_seconds decimal(18, 6),
        cost decimal(38, 18), cost_llm decimal(38, 18), cost_tts decimal(38, 18),
        cost_stt decimal(38, 18), cost_telephony decimal(38, 18), currency text,
        has_recording boolean, has_transcript boolean
    )
"""
# All is read as text first: DuckDB takes a number right into a decimal by way of a float.
READ = """
    insert into lines
    select * from read_json($path, columns = $columns, format = 'newline_delimited')
"""
NAMES = "select distinct unnest(json_keys(json)) from read_ndjson_objects($path)"
# A table keeps the order of its lines, in rowid; a call that was written again replaces its row.
LAST = """
    create table calls as
    select * from lines
    qualify row_number() over (partition by provider, account, call_id order by rowid desc) = 1
"""


class CallsError(Exception):
    """The file holds no calls that could be shown; the message is one line, without their data."""


def load(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a database of its own that holds the table `calls`.

    Raises:
        CallsError: When the file is not there, is not JSON lines, or lacks columns.
    """
    if not path.is_file():
        message = f"{path} is not there: the stream `calls` should have landed in it"
        raise CallsError(message)
    database = duckdb.connect(config={"autoinstall_known_extensions": False})
    try:
        read(database, path)
    except duckdb.Error as error:
        # DuckDB's own words quote the value, which may be somebody's number.
        message = f"{path} is not the stream `calls` as JSON lines ({type(error).__name__})"
        raise CallsError(message) from None
    database.execute(LAST)
    return database


def read(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read all lines of the file into the table `lines`; a file without any line is no error."""
    database.execute(LINES)
    columns = [str(row[0]) for row in database.execute("describe lines").fetchall()]
    database.execute(READ, {"path": str(path), "columns": dict.fromkeys(columns, "text")})
    found = {name for (name,) in database.execute(NAMES, {"path": str(path)}).fetchall()}
    missing = [name for name in columns if name not in found]
    if missing and database.execute("from lines limit 1").fetchone():
        message = f"{path} lacks columns of the stream `calls`: {', '.join(missing)}"
        raise CallsError(message)
