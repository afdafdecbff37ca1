"""Statements of target-snowflake that fakesnow does not know, in words that it does.

They are about the user's stage `@~`, for which a stage of the stand-in's own is taken, and about
names in quotes.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from fakesnow.dialect import parse_one
from fakesnow.transforms.stage import internal_dir
from sqlglot import exp

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from fakesnow.cursor import FakeSnowflakeCursor
    from sqlglot import Expr

_STAGE = "STAND_IN.PUBLIC.USER_STAGE"
_AT_HOME = "@~/"
_LINES, _ROWS = "TEMP.MAIN.STAGED_LINES", "TEMP.MAIN.STAGED_ROWS"
_DROP_FILE_FORMAT = """
    DELETE FROM _fs_global._fs_information_schema._fs_file_formats
    WHERE database_name = ? AND schema_name = ? AND name = ?
"""


def understood(cursor: FakeSnowflakeCursor, command: str) -> str:
    """Return a statement that means the same, having prepared what it needs."""
    statement = parse_one(command)
    if _upper_cased(statement):
        command = statement.sql(dialect="snowflake")
    match statement:
        case exp.Put() if path := _path(statement.args["target"].name):
            cursor.execute(f"CREATE STAGE IF NOT EXISTS {_STAGE}")
            return f"PUT {statement.this.sql()} @{_STAGE}/{path}"
        case exp.Merge():
            return _merge_of_rows(cursor, statement)
        case exp.Command(this="REMOVE"):
            return _remove(_path(statement.expression.name))
        case exp.Drop(kind="FILE FORMAT"):
            return _drop_file_format(cursor._duck_conn, statement.args["tables"][0])  # noqa: SLF001
    return command


def _upper_cased(statement: Expr) -> bool:
    """Do as QUOTED_IDENTIFIERS_IGNORE_CASE, which the target sets; tell whether there was any."""
    names = [i for i in statement.find_all(exp.Identifier) if i.quoted and i.name != i.name.upper()]
    for name in names:
        name.set("this", name.name.upper())
    return bool(names)


def _path(place: str) -> str:
    """Return the path in the user's stage; empty for any other place."""
    place = place.strip("'")
    return place.removeprefix(_AT_HOME) if place.startswith(_AT_HOME) else ""


def _folder(path: str) -> str:
    """Return where the files of a path are."""
    folder: str = internal_dir(_STAGE, path)
    return folder


def _merge_of_rows(cursor: FakeSnowflakeCursor, merge: exp.Merge) -> str:
    """Select from the staged files into a table, and merge from that."""
    source, duck = merge.args["using"], cursor._duck_conn  # noqa: SLF001 - as fakesnow does
    (files,) = (table for table in source.find_all(exp.Table) if _path(table.name))
    _load_lines(duck, _path(files.name))
    files.replace(exp.to_table(_LINES))
    rows = cursor._transform(_of_lines(source.this), None)  # noqa: SLF001 - as fakesnow does
    duck.execute(f"CREATE OR REPLACE TEMPORARY TABLE {_ROWS} AS {rows.sql(dialect='duckdb')}")
    source.set("this", exp.select("*").from_(_ROWS))
    # fakesnow merges by way of a table in the current schema, which Snowflake does not ask for.
    cursor.execute(f"USE SCHEMA {merge.this.catalog}.{merge.this.db}")
    statement: str = merge.sql(dialect="snowflake")
    return statement


def _load_lines(duck: DuckDBPyConnection, path: str) -> None:
    duck.execute(
        f"CREATE OR REPLACE TEMPORARY TABLE {_LINES} AS "  # noqa: S608 - a name of its own
        'SELECT json AS C1, row_number() OVER () AS "POSITION" FROM read_ndjson_objects(?)',
        [f"{_folder(path)}/*"],
    )


def _of_lines(select: Expr) -> Expr:
    """Make of a selection from staged files one from the table of their lines."""
    for line in list(select.find_all(exp.Parameter)):  # it is always $1
        line.replace(exp.column("C1"))
    for position in list(select.find_all(exp.Seq8)):
        position.replace(exp.column("POSITION"))
    for cast in list(select.find_all(exp.Cast)):
        if cast.is_type(exp.DataType.Type.VARIANT):  # it is one; fakesnow would make it a text
            cast.replace(cast.this)
    return select


def _remove(path: str) -> str:
    shutil.rmtree(_folder(path))
    return f'SELECT {exp.Literal.string(path).sql()} AS "name", \'removed\' AS "result"'


def _drop_file_format(duck: DuckDBPyConnection, name: exp.Table) -> str:
    with duck.cursor() as catalog:  # not in the transaction of the caller
        catalog.execute(_DROP_FILE_FORMAT, [name.catalog, name.db, name.name])
    return f'SELECT {exp.Literal.string(name.name).sql()} AS "status"'
