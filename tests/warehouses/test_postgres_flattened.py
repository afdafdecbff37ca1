"""Flattened, each part of a nested object is a column of its own, with its own type."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from properties.truth import ALL_PRODUCTS, STREAMS
from psycopg import sql
from psycopg.rows import dict_row
from support import configuration, simulator

from tap_voicecalls.tap import TapVoiceCalls
from warehouses.expected import Row, held, rows, schema
from warehouses.landed import KEYS, LOADED, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouses.pipe import Pipe

FLATTENED = {"flattening_enabled": True, "flattening_max_depth": 3}


@pytest.mark.parametrize("settings", [{}, FLATTENED], ids=["nested", "flattened"])
def test_column_names_are_short_enough(settings: dict[str, Any]) -> None:
    """Catches two columns that PostgreSQL cuts to 63 bytes, and then takes for one."""
    with simulator() as served:
        tap = TapVoiceCalls(config=configuration(served, **settings))
        maps = tap.mapper
        maps.register_raw_streams_from_catalog(tap.catalog)
    names = {
        name: list(each.transformed_schema["properties"])
        for name, [each] in maps.stream_maps.items()
    }

    assert names.keys() >= set(LOADED)
    assert any("__" in column for column in names["ovia_calls"]) == bool(settings)
    assert [c for columns in names.values() for c in columns if len(c.encode()) > 63] == []


def test_flattened(pipe: Pipe) -> None:
    """Catches a part of an object that has no column, is empty there, or is only text."""
    with simulator(calls_per_day=8, unknown_fields=True) as served:
        settings = configuration(served, **FLATTENED)
        settings["vonage"]["products"] = ALL_PRODUCTS
        pipe.run(settings).check_returncode()
        for stream in STREAMS:
            landed = {key(stream, row): row for row in read(pipe.url, stream)}
            expected = [row for row in rows(served, stream) if None not in key(stream, row)]

            assert expected
            for row in expected:
                flat, other = dict(flattened(stream, row)), landed[key(stream, row)]
                wrong = [name for name in flat if flat[name] != as_read(stream, name, other[name])]
                assert wrong == [], f"{stream} {key(stream, row)}: {', '.join(wrong)}"


def read(url: str, stream: str) -> list[Row]:
    """Read a table, its times in UTC."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        query = sql.SQL("select * from {}").format(sql.Identifier(SCHEMA, stream))
        found = connection.execute(query).fetchall()
    return [
        {
            name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in found
    ]


def key(stream: str, row: Row) -> tuple[Any, ...]:
    """Return a row's key."""
    return tuple(row[name] for name in KEYS[stream])


def flattened(stream: str, row: Row) -> Iterator[tuple[str, Any]]:
    """Yield a column and its value for each part of each object of declared parts."""
    yield from _parts(schema(stream)["properties"], row, "")


def _parts(fields: Row, values: Row, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in fields.items():
        if inner := field.get("properties"):
            yield from _parts(inner, values[name] or dict.fromkeys(inner), f"{prefix}{name}__")
        else:
            yield f"{prefix}{name}", lasting(name, values[name])


def lasting(name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Leave out the signature of an address, which is new in each answer."""
    return value.partition("?")[0] if name == "recording_url" and value else value


def as_read(stream: str, name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Return a column's value; an object without declared parts, or a list, is there as JSON."""
    field: Row = schema(stream)
    for part in name.split("__"):
        field = field.get("properties", {}).get(part, {})
    if isinstance(value, str) and {"object", "array"} & set(field.get("type", [])):
        return held(field, json.loads(value, parse_float=Decimal))
    return lasting(name, value)
