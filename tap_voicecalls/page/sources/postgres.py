"""Rows of a PostgreSQL database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from tap_voicecalls.page.errors import PageError
from tap_voicecalls.page.sources.schemas import FIND, choose_schema
from tap_voicecalls.page.sources.source import check_key, load_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_voicecalls.page.sources.source import Values

_SECONDS_TO_CONNECT = 15
_BATCH = 2048
_CAUSES = {
    "connection refused": "no server listens there",
    "translate host name": "the host name is not found",
    "resolve host": "the host name is not found",
    "timeout": "no answer in time",
    "password authentication failed": "the user or the password is wrong",
    "no password supplied": "the password is missing",
    "does not exist": "there is no such database or user",
    "permission denied": "the user may not connect",
}
"""What a failed connection means, by a part of the words of the client or the server."""
_COLUMNS = """
    select column_name from information_schema.columns
    where table_schema = %s and table_name = %s
"""


class PostgresSource:
    """The tables of a database, read in one transaction, so that they fit each other."""

    def __init__(self, url: str, schema: str | None, since: datetime | None) -> None:
        self._psycopg = load_reader("psycopg", "postgres", "PostgreSQL")
        self._sql = self._psycopg.sql
        parts = urlsplit(url)
        self._place = f"{parts.hostname or 'PostgreSQL'}{parts.path}"
        self._since = since
        # SQLAlchemy's URLs, which targets have, also name the driver.
        plain = parts._replace(scheme="postgresql").geturl()
        try:
            self._connection = self._psycopg.connect(
                plain, connect_timeout=_SECONDS_TO_CONNECT, options="-c timezone=UTC"
            )
        except self._psycopg.Error as error:
            reason = self._reason("cannot connect to", error, _cause(str(error)))
            raise PageError(reason) from None
        self._connection.isolation_level = self._psycopg.IsolationLevel.REPEATABLE_READ
        self._connection.read_only = True
        try:
            found = [name for (name,) in self._execute(FIND).fetchall()]
            self._schema = choose_schema(self._place, found, schema)
        except PageError:
            self.close()
            raise

    def has(self, stream: str) -> bool:
        """Return whether there is a table of a stream."""
        return bool(self._names(stream))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(self, stream: str, columns: Sequence[str], start: str) -> Iterator[Values]:
        """Yield the rows of a stream; see :class:`Source`."""
        names = self._names(stream)
        check_key(f"{self._place}, table {self._schema}.{stream}", stream, names)
        sql = self._sql
        listed = [sql.Identifier(name) if name in names else sql.SQL("null") for name in columns]
        statement = sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(listed), sql.Identifier(self._schema, stream)
        )
        if self._since and start in names:
            condition = sql.SQL(" where {0} is null or {0} >= {1}")
            statement += condition.format(sql.Identifier(start), sql.Literal(self._since))
        with self._connection.cursor(name=f"page_{stream}") as cursor:
            cursor.itersize = _BATCH
            try:
                cursor.execute(statement)
                yield from cursor
            except self._psycopg.Error as error:
                raise PageError(self._reason("cannot read", error)) from None

    def _names(self, stream: str) -> list[str]:
        found = self._execute(_COLUMNS, (self._schema, stream)).fetchall()
        return [cast("str", name) for (name,) in found]

    def _execute(self, statement: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401
        try:
            return self._connection.execute(statement, values or None)
        except self._psycopg.Error as error:
            raise PageError(self._reason("cannot read", error)) from None

    def _reason(self, what: str, error: Exception, cause: str = "") -> str:
        """Name the kind of an error only: the server's own words may quote data or the user."""
        state = getattr(error, "sqlstate", None)
        kind = type(error).__name__ + (f", SQLSTATE {state}" if state else "")
        return f"{what} {self._place}{cause} ({kind}); check the URL, the server, the user's rights"


def _cause(words: str) -> str:
    """Return why a connection failed, as a part of a message; empty if it is not known."""
    known = (cause for part, cause in _CAUSES.items() if part in words.lower())
    return f": {cause}" if (cause := next(known, "")) else ""
