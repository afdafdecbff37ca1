"""Where the rows come from: JSON lines, Parquet, DuckDB or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tap_voicecalls.page.errors import PageError
from tap_voicecalls.page.sources.duckdb_tables import DuckDbSource, ParquetSource
from tap_voicecalls.page.sources.json_lines import JsonLinesSource
from tap_voicecalls.page.sources.postgres import PostgresSource

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.page.sources.source import Source

_DATABASES = (".duckdb", ".ddb", ".db")
_FILES = (".jsonl", ".ndjson", ".parquet")
_KINDS = "a folder or file of JSON lines or Parquet, a .duckdb file, or postgresql://..."


def open_source(place: str, *, schema: str | None, since: datetime | None) -> Source:
    """Return the source that a place names.

    Args:
        place: A folder, a file, or the URL of a PostgreSQL database.
        schema: The schema of the tables; by default the only one that has a table `calls`.
        since: Calls that started earlier are left out; those without a start stay.

    Raises:
        PageError: There is no such place, or its kind is unknown.
    """
    if urlsplit(place).scheme.partition("+")[0] in {"postgresql", "postgres"}:
        return PostgresSource(place, schema, since)
    path = Path(place)
    if not path.exists():
        msg = f"{place} does not exist; expected {_KINDS}"
        raise PageError(msg)
    if path.suffix in _DATABASES:
        return DuckDbSource(path, schema, since)
    if schema:
        msg = f"--schema is for databases, and {place} is none"
        raise PageError(msg)
    return _open_files(path, since)


def _open_files(path: Path, since: datetime | None) -> Source:
    """Return the source of a folder, or of the folder of a file that holds the calls."""
    folder = path if path.is_dir() else path.parent
    parquet = ParquetSource(folder, since)
    lines = JsonLinesSource(folder, since)
    if path.is_dir():
        found: Source = lines if lines.has("calls") or not parquet.has("calls") else parquet
    elif path.suffix in _FILES:
        found = parquet if path.suffix == ".parquet" else lines
        found.use(path)
    else:
        msg = f"the kind of {path} is unknown; expected {_KINDS}"
        raise PageError(msg)
    if not found.has("calls"):
        inner = sorted(each.parent for each in path.glob("*/calls.*") if each.suffix in _FILES)
        hint = f"name {inner[0]}, which does" if inner else "load the stream `calls` into it"
        msg = f"{path} holds no calls.jsonl and no calls.parquet; {hint}"
        raise PageError(msg)
    return found
