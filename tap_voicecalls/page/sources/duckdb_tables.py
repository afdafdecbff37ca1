"""Rows of DuckDB databases, and of Parquet files by way of DuckDB."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, cast

from tap_voicecalls.page.errors import PageError
from tap_voicecalls.page.sources.schemas import FIND, choose_schema, quote
from tap_voicecalls.page.sources.source import FileSource, check_key, load_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from tap_voicecalls.page.sources.source import Values

_EXTRA = "duckdb"
_BATCH = 2048
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"  # as the tap writes times
# Local files only: DuckDB would otherwise fetch what it lacks from the network.
_OFFLINE = {"autoinstall_known_extensions": "false"}


class _Relations:
    """Reads relations of a DuckDB connection."""

    def __init__(self, connection: Any, since: datetime | None) -> None:  # noqa: ANN401
        self._connection = connection
        self._since = since

    def rows(
        self, relation: str, values: Sequence[object], wanted: Sequence[str], types: dict[str, str]
    ) -> Iterator[Values]:
        """Yield the wanted columns of a relation; the last of them is the call's start."""
        *columns, start = wanted
        listed = ", ".join(_selected(name, types.get(name)) for name in columns)
        statement = f"select {listed} from {relation}"  # noqa: S608 - names are quoted
        bound = list(values)
        if self._since and start in types:
            began = _selected(start, types[start])
            statement += f" where {began} is null or {began} >= ?"
            bound.append(self._since.astimezone(UTC).strftime(_FORMAT))
        cursor = self._connection.cursor()
        cursor.execute(statement, bound)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch

    def types(self, relation: str, values: Sequence[object]) -> dict[str, str]:
        """Return the types of a relation's columns."""
        described = self._connection.execute(f"describe select * from {relation}", list(values))  # noqa: S608
        return {cast("str", row[0]): cast("str", row[1]) for row in described.fetchall()}


def _selected(name: str, kind: str | None) -> str:
    """Return a column's expression: times as text in UTC, whatever the machine's zone.

    DuckDB returns a time with a zone only where one more package is installed.
    """
    if kind is None:
        return "null"
    if kind.startswith("TIMESTAMP"):
        return f"strftime(make_timestamp(epoch_us({quote(name)})), '{_FORMAT}')"
    return quote(name)


class DuckDbSource:
    """The tables of a DuckDB file."""

    def __init__(self, path: Path, schema: str | None, since: datetime | None) -> None:
        duckdb = load_reader("duckdb", _EXTRA, "DuckDB")
        try:
            self._connection = duckdb.connect(str(path), read_only=True, config=_OFFLINE)
        except duckdb.Error as error:
            msg = f"{path} cannot be opened as a DuckDB database ({type(error).__name__})"
            raise PageError(msg) from None
        self._relations = _Relations(self._connection, since)
        self._place = str(path)
        found = [name for (name,) in self._connection.execute(FIND).fetchall()]
        try:
            self._schema = choose_schema(self._place, found, schema)
        except PageError:
            self.close()
            raise

    def has(self, stream: str) -> bool:
        """Return whether there is a table of a stream."""
        statement = (
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
        )
        return bool(self._connection.execute(statement, [self._schema, stream]).fetchall())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(self, stream: str, columns: Sequence[str], start: str) -> Iterator[Values]:
        """Yield the rows of a stream; see :class:`Source`."""
        relation = f"{quote(self._schema)}.{quote(stream)}"
        types = self._relations.types(relation, ())
        check_key(f"{self._place}, table {self._schema}.{stream}", stream, types)
        return self._relations.rows(relation, (), [*columns, start], types)


class ParquetSource(FileSource):
    """A folder with a Parquet file for each stream, or a folder of them."""

    def rows(self, stream: str, columns: Sequence[str], start: str) -> Iterator[Values]:
        """Yield the rows of a stream; see :class:`Source`."""
        duckdb = load_reader("duckdb", _EXTRA, "Parquet")
        relations = _Relations(duckdb.connect(config=_OFFLINE), self.since)
        relation = "read_parquet(?, union_by_name = true)"
        files = [str(path) for path in self.paths(stream)]
        try:
            types = relations.types(relation, [files])
            check_key(files[0], stream, types)
            yield from relations.rows(relation, [files], [*columns, start], types)
        except duckdb.Error as error:
            msg = f"{files[0]} cannot be read as Parquet ({type(error).__name__})"
            raise PageError(msg) from None

    def found(self, stream: str) -> list[Path]:
        """Find `calls.parquet`, or else `calls-*.parquet`, or else all files below `calls`."""
        patterns = (f"{stream}.parquet", f"{stream}-*.parquet", f"{stream}/**/*.parquet")
        each = (sorted(self.folder.glob(pattern)) for pattern in patterns)
        return next((paths for paths in each if paths), [])
