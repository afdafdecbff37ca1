"""The page itself: everything that it shows goes through a template that escapes it."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import altair as alt
import jinja2
import vl_convert
from markupsafe import Markup

from demo.page.figures import figures
from demo.page.queries import Table, ask, queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

HERE = Path(__file__).parent
MOST_ROWS = 500
TOTALS = """
    select
        count(*),
        cast(sum(duration_seconds) / 60 as decimal(18, 1)),
        count(distinct provider),
        min(started_at at time zone 'UTC'),
        max(started_at at time zone 'UTC')
    from calls
"""
COSTS = """
    select currency, sum(cost) from calls where cost is not null
    group by currency order by currency nulls last
"""

Total = tuple[str, list[tuple[str, str]]]


def render(database: duckdb.DuckDBPyConnection, made: datetime, *, made_up: bool) -> str:
    """Return the page of the table `calls`, which needs nothing but itself."""
    environment = jinja2.Environment(
        autoescape=True, loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"cell": cell, "side": side}
    shown = list(totals(database))
    script = chart_script() if shown else ""
    return environment.get_template("page.html.jinja").render(
        made=made,
        made_up=made_up,
        totals=shown,
        figures=list(figures(database)) if shown else [],
        answers=[(query, ask(database, query.sql)) for query in queries()] if shown else [],
        most_rows=MOST_ROWS,
        policy=policy(script),
        style=Markup(text("page.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file, and Vega
    )


def text(name: str) -> str:
    """Return a file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")


@cache
def chart_script() -> str:
    """Return `page.js` with all it calls: Vega in the version that Altair writes for."""
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return vl_convert.javascript_bundle(text("page.js"), vl_version=version)


def policy(script: str) -> str:
    """Allow this script alone, and no request at all: the browser itself sees to it."""
    fingerprint = b64encode(sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{fingerprint}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def totals(database: duckdb.DuckDBPyConnection) -> Iterator[Total]:
    """Yield what stands at the top: a name, and values with units. Without calls: nothing."""
    [(calls, minutes, providers, first, last)] = database.execute(TOTALS).fetchall()
    if not calls:
        return
    costs = database.execute(COSTS).fetchall()
    yield "Calls", [(cell(calls), "")]
    yield "Minutes", [(cell(minutes), "")]
    yield "Providers", [(cell(providers), "")]
    yield "Cost", [(money(cost), unit or "no currency told") for unit, cost in costs] or [("-", "")]
    yield "First and last call", [day(time) for time in (first, last) if time] or [("-", "")]


def day(time: datetime) -> tuple[str, str]:
    """Write a day, with the time of the day beside it."""
    return f"{time:%-d %b %Y}", f"{time:%H:%M} UTC"


def money(amount: Decimal) -> str:
    """Write an amount to the cent, and a smaller one with the digits that it has."""
    cents = round(amount, 2)
    return f"{cents if cents or not amount else amount.normalize():,f}"


def cell(value: object) -> str:
    """Write a value as a person reads it."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def side(answer: Table, place: int) -> str:
    """Name the kind of a column: numbers stand to the right."""
    values = [row[place] for row in answer.rows if row[place] is not None]
    numbers = values and all(isinstance(value, int | Decimal) for value in values)
    return "number" if numbers else "text"
