"""Compares the warehouse with the simulators, each row field by field."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from warehouses.expected import rows
from warehouses.expected_calls import calls
from warehouses.landed import SCHEMA, unlike

from trial.world import STREAM, months

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from trial.world import Account

    Row = dict[str, Any]
    Part = tuple[Account, datetime, datetime]

_TABLES = (STREAM, "calls")
_IN_WINDOW = sql.SQL("{} where account = %s and started_at >= %s and started_at < %s")


def count(url: str, shard: dict[str, Any]) -> int:
    """Count a shard's rows; 0 if there is no table."""
    query = _IN_WINDOW.format(_from("count(*)", STREAM))
    values = [
        shard["account"],
        *(shard[name].removesuffix("Z") for name in ("start_date", "end_date")),
    ]
    with psycopg.connect(url) as connection:
        try:
            [[number]] = connection.execute(query, values).fetchall()
        except psycopg.errors.UndefinedTable:
            return 0
    return int(number)


def total(url: str, table: str) -> int:
    """Count a table's rows."""
    with psycopg.connect(url) as connection:
        [[number]] = connection.execute(_from("count(*)", table)).fetchall()
    return int(number)


def differences(url: str, accounts: Iterable[Account]) -> Iterator[str]:
    """Compare all rows, and yield the keys and field names that differ, never values."""
    parts = [(account, *month) for account in accounts for month in months()]
    counts = Counter[str]()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for expected, unequal in pool.map(partial(_compare, url), parts):
            counts.update(expected)
            yield from unequal
    for table in _TABLES:
        if (landed := total(url, table)) != counts[table] or not landed:
            yield f"{table}: {landed:,} rows, not {counts[table]:,}"


def _compare(url: str, part: Part) -> tuple[dict[str, int], list[str]]:
    """Compare a month of an account: the expected rows of each table, and the differences."""
    counts, unequal = {}, []
    for table, expected in _expected(*part).items():
        counts[table] = len(expected)
        unequal += unlike(table, expected, _read(url, table, *part))
    return counts, unequal


def _expected(account: Account, start: datetime, end: datetime) -> dict[str, list[Row]]:
    simulator, label = account.simulator(start, end), {"account": account.label}
    tables = {STREAM: rows(simulator, STREAM), "calls": calls(simulator, ["burki"])}
    return {table: [row | label for row in made] for table, made in tables.items()}


def _read(url: str, table: str, account: Account, start: datetime, end: datetime) -> list[Row]:
    values = [account.label, start.replace(tzinfo=None), end.replace(tzinfo=None)]
    with psycopg.connect(url, row_factory=dict_row) as connection:
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        cursor = connection.execute(_IN_WINDOW.format(_from("*", table)), values)
        return [
            {name: value for name, value in row.items() if not name.startswith("_sdc_")}
            for row in cursor
        ]


def _from(what: str, table: str) -> sql.Composed:
    return sql.SQL("select {} from {}").format(sql.SQL(what), sql.Identifier(SCHEMA, table))
