"""What the charts show: each asks the table `calls` a question of its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from demo.page import charts, colours
from demo.page.queries import Table, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from demo.page.charts import Row, Spec
    from demo.page.colours import Colours

TIMED = """
    create temp view timed as
    select
        *,
        cast(started_at at time zone 'UTC' as date) as day,
        cast(extract(hour from started_at at time zone 'UTC') as integer) as hour
    from calls
    where started_at is not null
"""
# More days than these would be a bar thinner than a line each.
RECENT = """
    create temp view recent as
    select * from timed where day > (select max(day) from timed) - 90
"""
ALL_RECENT = "select count(*) = (select count(*) from timed) from recent"
PER_DAY = "select day, provider, count(*) as calls from recent group by all order by all"
PER_HOUR = "select hour, direction, count(*) as calls from timed group by all order by all"
STATUSES = "select provider, status, count(*) as calls from calls group by all order by all"
LENGTHS = ["0 s", "to 15 s", "to 30 s", "to 1 min", "to 2 min", "to 5 min", "to 10 min", "longer"]
DURATIONS = """
    select
        $lengths[1 + len(list_filter($ends, lambda x: duration_seconds > x))] as duration,
        provider,
        count(*) as calls
    from calls
    where duration_seconds is not null
    group by 1, 2
    order by list_position($lengths, duration), provider
"""
ENDS = [0, 15, 30, 60, 120, 300, 600]
CURRENCIES = "select distinct currency from recent where cost <> 0 order by currency nulls last"
COST = """
    select day, provider, cast(sum(cost) as decimal(18, 4)) as cost
    from recent
    where cost <> 0 and currency is not distinct from $currency
    group by all
    order by all
"""
PER_MINUTE = """
    select
        day,
        provider,
        cast(60 * sum(cost) / sum(duration_seconds) as decimal(18, 4)) as cost_per_minute
    from recent
    where cost is not null and duration_seconds is not null
        and currency is not distinct from $currency
    group by all
    having sum(duration_seconds) > 0
    order by all
"""


class Figure(NamedTuple):
    """A chart, what its colours mean, and its numbers as a table."""

    title: str
    legend: Colours
    spec: Spec
    numbers: Table


def figures(database: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    """Yield the charts of all that the calls tell; what they do not tell gets no chart."""
    database.execute(TIMED)
    database.execute(RECENT)
    [(all_recent,)] = database.execute(ALL_RECENT).fetchall()
    period = "day" if all_recent else "day, the last 90 days"
    found = ask(database, "select distinct provider from calls")
    of_providers = colours.for_names(colours.PROVIDERS, column(found, "provider"))
    if (per_day := ask(database, PER_DAY)).rows:
        legend = of_those(per_day, of_providers)
        spec = charts.bars_per_day(plain(per_day), "calls", legend)
        yield Figure(f"Calls per {period}", legend, spec, per_day)
    yield from counts(database, of_providers)
    for (currency,) in database.execute(CURRENCIES).fetchall():
        yield from money(database, period, currency, of_providers)


def counts(database: duckdb.DuckDBPyConnection, of_providers: Colours) -> Iterator[Figure]:
    """Yield at which hours the calls were, how long they took and how they ended."""
    if (per_hour := ask(database, PER_HOUR)).rows:
        legend = colours.for_names(colours.DIRECTIONS, column(per_hour, "direction"))
        spec = charts.bars_per_hour(plain(per_hour), legend)
        yield Figure("Hours of the day, UTC", legend, spec, per_hour)
    if (durations := ask(database, DURATIONS, lengths=LENGTHS, ends=ENDS)).rows:
        legend = of_those(durations, of_providers)
        spec = charts.bars_across(plain(durations), LENGTHS, legend)
        yield Figure("How long calls took", legend, spec, durations)
    statuses = ask(database, STATUSES)
    legend = colours.for_names(colours.STATUSES, column(statuses, "status"))
    spec = charts.shares_across(plain(statuses), legend)
    yield Figure("How calls ended", legend, spec, statuses)


def money(
    database: duckdb.DuckDBPyConnection, period: str, currency: str | None, of_providers: Colours
) -> Iterator[Figure]:
    """Yield what calls and their minutes cost, in one currency: no two can be drawn as one."""
    unit = currency or "no currency told"
    cost = ask(database, COST, currency=currency)
    legend = of_those(cost, of_providers)
    spec = charts.bars_per_day(plain(cost), "cost", legend)
    yield Figure(f"Cost per {period}, {unit}", legend, spec, cost)
    if (per_minute := ask(database, PER_MINUTE, currency=currency)).rows:
        legend = of_those(per_minute, of_providers)
        spec = charts.lines_per_day(plain(per_minute), "cost_per_minute", legend)
        yield Figure(f"Cost per minute, {unit}", legend, spec, per_minute)


def of_those(table: Table, of_providers: Colours) -> Colours:
    """Return the colours of the providers in a table."""
    there = set(column(table, "provider"))
    return {name: colour for name, colour in of_providers.items() if name in there}


def column(table: Table, name: str) -> list[str]:
    """Return one column of names."""
    place = table.columns.index(name)
    return [str(row[place]) for row in table.rows]


def plain(table: Table) -> list[Row]:
    """Return the rows as JSON can have them; a chart needs no more digits than a float has."""
    return [
        {name: plain_value(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]


def plain_value(value: object) -> object:
    """Return a day as text and a decimal as a float."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
