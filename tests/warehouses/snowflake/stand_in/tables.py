"""What landed, for a test to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakesnow.server import shared_fs
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from fakesnow.cursor import FakeSnowflakeCursor
    from starlette.requests import Request


def tables(request: Request) -> JSONResponse:
    """Answer with the tables of a schema."""
    where = f"{request.path_params['database']}.{request.path_params['schema']}"
    with shared_fs.connect(*where.split(".")).cursor() as cursor:
        found = cursor.execute(f"SHOW TABLES IN SCHEMA {where}").fetchall()
        return JSONResponse({row[1]: _table(cursor, f"{where}.{row[1]}") for row in found})


def _table(cursor: FakeSnowflakeCursor, name: str) -> dict[str, Any]:
    """Return a table's types and rows by column name, values as text, and its key."""
    types = {row[0]: row[1] for row in cursor.execute(f"DESCRIBE TABLE {name}").fetchall()}
    keys = cursor.execute(f"SHOW PRIMARY KEYS IN TABLE {name}").fetchall()
    texts = ", ".join(f'"{column}"::VARCHAR' for column in types)
    rows = cursor._duck_conn.execute(f"SELECT {texts} FROM {name}").fetchall()  # noqa: S608, SLF001
    return {
        "types": types,
        "key": [row[4] for row in keys],
        "rows": [dict(zip(types, row, strict=True)) for row in rows],
    }
