"""What landed in PostgreSQL, and where it is not what it must be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import registry
from properties.truth import STREAMS
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from tap_voicecalls.calls.streams import COMMON_STREAMS
from warehouses.expected import held, rows, schema
from warehouses.expected_calls import calls

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tap_voicecalls.simulator import Simulator

    Row = dict[str, Any]
    Key = tuple[Hashable, ...]

Tables = dict[str, list[dict[str, Any]]]

SCHEMA = "voicecalls"
_ALL: list[Any] = [*COMMON_STREAMS, *registry.STREAMS.values()]
KEYS = {stream.name: tuple[str, ...](stream.primary_keys) for stream in _ALL}
"""The key of each stream."""
LOADED = (*registry.COMMON, *registry.SELECTED)
"""The streams that are loaded: those that are selected by default."""
# What only a hash tells apart has no id of its own to be looked up by.
_MAY_BE_A_HASH = {"id", "call_id"}


def tables(url: str) -> Tables:
    """Read all tables, without what the target adds."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        return {stream: _read(connection, stream) for stream in LOADED}


def _read(connection: psycopg.Connection[Row], stream: str) -> list[Row]:
    query = sql.SQL("select * from {}").format(sql.Identifier(SCHEMA, stream))
    return [
        {name: value for name, value in row.items() if not name.startswith("_sdc_")}
        for row in connection.execute(query)
    ]


def differences(served: Simulator, landed: Tables) -> list[str]:
    """Say where the tables are not what the simulator's calls must become: names, never values.

    A table that must hold nothing is one difference too: nothing would be compared.
    """
    truth = {stream: list(rows(served, stream)) for stream in STREAMS}
    truth["calls"] = list(calls(served))
    found = [f"{stream}: nothing to compare" for stream in truth if not truth[stream]]
    for stream, expected in truth.items():
        found += unlike(stream, expected, landed[stream])
    return found


def unlike(stream: str, expected: list[Row], landed: list[Row]) -> list[str]:
    """Say where a table is not what it must be, row by row and field by field."""
    left = {_key(stream, row): _seen(stream, row) for row in landed}
    found = list[str]()
    for row in filter(partial(_is_named, stream), expected):
        key = _key(stream, row)
        if (other := left.pop(key, None)) is None:
            found.append(f"{stream} {key}: missing")
        elif names := _differing(row, other):
            found.append(f"{stream} {key}: {', '.join(names)}")
    for row in expected:
        if not _is_named(stream, row):
            found += _take_out(stream, row, left)
    return found + [f"{stream} {key}: surplus" for key in left]


def _take_out(stream: str, row: Row, left: dict[Key, Row]) -> list[str]:
    """Find a row by all but the hash that is its id, among those that are left."""
    told = {name: value for name, value in row.items() if name not in _MAY_BE_A_HASH}
    for key, other in left.items():
        if not _differing(told, other):
            del left[key]
            return []
    return [f"{stream} {row['started_at']}: missing, or not as it must be"]


def _differing(row: Row, other: Row) -> list[str]:
    return [name for name in row if _lasting(name, row[name]) != _lasting(name, other[name])]


def _lasting(name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    """Leave out the signature of an address, which is new in each answer."""
    return value.partition("?")[0] if name == "recording_url" and value else value


def _key(stream: str, row: Row) -> Key:
    """Return a row's key as texts, for the failure to name; a time without its zone is UTC."""
    return tuple(str(row[name]).removesuffix("+00:00") for name in KEYS[stream])


def _is_named(stream: str, row: Row) -> bool:
    return all(row[name] is not None for name in KEYS[stream])


def _seen(stream: str, row: Row) -> Row:
    """Return a row that landed, its times in UTC, its objects as their schema reads them."""
    fields = schema(stream)["properties"]
    return {name: _as_read(fields[name], value) for name, value in row.items()}


def _as_read(field: Row, value: Any) -> Any:  # noqa: ANN401 - any column's value
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return held(field, value) if isinstance(value, (dict, list)) else value
