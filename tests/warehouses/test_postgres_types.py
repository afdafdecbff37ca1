"""Each column has the type that its field's schema asks for, and each table its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from warehouses.expected import kinds, schema
from warehouses.landed import KEYS, LOADED, SCHEMA

if TYPE_CHECKING:
    from warehouses.moving import Loaded

TYPES = {
    "string": "text",
    "number": "numeric",
    "integer": "bigint",
    "boolean": "boolean",
    "object": "jsonb",
    "array": "jsonb[]",  # of objects
}
COLUMNS = """
    select attname, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = %s::regclass and attnum > 0 and attname not like '\\_sdc\\_%%'
"""
KEY = """
    select pg_get_constraintdef(oid) from pg_constraint
    where conrelid = %s::regclass and contype = 'p'
"""


@pytest.mark.parametrize("stream", LOADED)
def test_types(first: Loaded, stream: str) -> None:
    """Catches an amount that can only be text in a warehouse, and a row that can be there twice."""
    fields, table = schema(stream)["properties"], f"{SCHEMA}.{stream}"
    with psycopg.connect(first.url) as connection:
        columns = connection.execute(COLUMNS, [table]).fetchall()
        [[key]] = connection.execute(KEY, [table]).fetchall()

    assert dict(columns) == {name: type_of(field) for name, field in fields.items()}
    found = key.removeprefix("PRIMARY KEY (").removesuffix(")").split(", ")
    assert sorted(found) == sorted(KEYS[stream])


def type_of(field: dict[str, object]) -> str:
    """Return the type that a field's column must have."""
    if field.get("format") == "date-time":
        return "timestamp without time zone"
    if "object" in kinds(field):
        return "jsonb"  # whatever else the field may be
    [kind] = kinds(field)
    items = field.get("items")
    if isinstance(items, dict) and kinds(items) == {"string"}:
        return "text[]"
    return TYPES[kind]
