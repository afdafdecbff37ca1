"""The calls of JSON lines files as tables in DuckDB, typed as a warehouse would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

# Exact, and as wide as a warehouse has them.
AMOUNT, SECONDS, TIME = "decimal(38, 18)", "decimal(18, 6)", "timestamptz"
CALLS = {
    **dict.fromkeys(("provider", "account", "call_id", "stream", "direction", "status"), "text"),
    **dict.fromkeys(("provider_status", "channel", "from_number", "to_number"), "text"),
    **dict.fromkeys(("agent_id", "agent_name", "currency", "end_reason", "ended_by"), "text"),
    **dict.fromkeys(("carrier", "carrier_call_id", "parent_call_id"), "text"),
    **dict.fromkeys(("started_at", "ended_at"), TIME),
    **dict.fromkeys(("duration_seconds", "response_seconds"), SECONDS),
    **dict.fromkeys(("cost", "cost_llm", "cost_tts", "cost_stt", "cost_telephony"), AMOUNT),
    **dict.fromkeys(("has_recording", "has_transcript", "successful"), "boolean"),
    "turns": "bigint",
}
"""The columns of the stream `calls` that the page and the queries use, with their types."""
TURNS = {
    **dict.fromkeys(("provider", "account", "call_id", "role", "text"), "text"),
    "turn": "bigint",
    "response_seconds": SECONDS,
}
"""Those of the stream `call_turns`."""
READ = """
    insert into lines
    select * from read_json($path, columns = $columns, format = 'newline_delimited')
"""
NAMES = "select distinct unnest(json_keys(json)) from read_ndjson_objects($path)"


class CallsError(Exception):
    """The file holds no calls that could be shown; the message is one line, without their data."""


def load(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a database of its own that holds the tables `calls` and `call_turns`.

    The turns are read from the file beside that of the calls, if there is one.

    Raises:
        CallsError: When the file is not there, is not JSON lines, or lacks columns.
    """
    if not path.is_file():
        message = f"{path} is not there: the stream `calls` should have landed in it"
        raise CallsError(message)
    database = duckdb.connect(config={"autoinstall_known_extensions": False})
    _load(database, "calls", path, CALLS, key="provider, account, call_id")
    turns = path.with_name("call_turns.jsonl")
    _load(database, "call_turns", turns, TURNS, key="provider, account, call_id, turn")
    return database


def _load(
    database: duckdb.DuckDBPyConnection, stream: str, path: Path, columns: dict[str, str], key: str
) -> None:
    """Make a table of the last line of each key."""
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    database.execute(f"create or replace temp table lines ({declared})")
    if path.is_file():
        try:
            _read(database, stream, path, columns)
        except duckdb.Error as error:
            # DuckDB's own words quote the value, which may be somebody's number.
            message = f"{path} is not the stream `{stream}` as JSON lines ({type(error).__name__})"
            raise CallsError(message) from None
    # A table keeps the order of its lines, in rowid; a row that was written again replaces its own.
    database.execute(
        f"create table {stream} as from lines "
        f"qualify row_number() over (partition by {key} order by rowid desc) = 1"
    )


def _read(
    database: duckdb.DuckDBPyConnection, stream: str, path: Path, columns: dict[str, str]
) -> None:
    """Read all lines of a file into the table `lines`; a file without any line is no error.

    All is read as text first: DuckDB takes a number right into a decimal by way of a float.
    """
    values = {"path": str(path), "columns": dict.fromkeys(columns, "text")}
    database.execute(READ, values)
    found = {name for (name,) in database.execute(NAMES, {"path": str(path)}).fetchall()}
    missing = [name for name in columns if name not in found]
    if missing and database.execute("from lines limit 1").fetchone():
        message = f"{path} lacks columns of the stream `{stream}`: {', '.join(missing)}"
        raise CallsError(message)
