"""How the charts are drawn: rows in, a Vega-Lite specification out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    from demo.page.colours import Colours

Row = dict[str, Any]
Spec = dict[str, Any]

HEIGHT = 220
BAR = 30
FONT = "system-ui, sans-serif"
# The page's own colour of text, so that it fits a light and a dark page alike.
INK = "currentColor"


def bars_per_day(rows: list[Row], value: str, colours: Colours) -> Spec:
    """Draw a bar for each day, with a piece for each provider."""
    chart = base(placed(rows, "provider", colours)).mark_bar(aria=False)
    return finish(
        chart.encode(
            x=days(rows),
            y=amount(value),
            color=colour("provider", colours),
            order=alt.Order("place:Q"),
            tooltip=["day:N", "provider:N", f"{value}:Q"],
        )
    )


def lines_per_day(rows: list[Row], value: str, colours: Colours) -> Spec:
    """Draw a line for each provider, with a point for each day."""
    chart = base(rows).mark_line(aria=False, point={"size": 45, "filled": True}, strokeWidth=2)
    return finish(
        chart.encode(
            x=days(rows),
            y=amount(value),
            color=colour("provider", colours),
            tooltip=["day:N", "provider:N", f"{value}:Q"],
        )
    )


def bars_per_hour(rows: list[Row], colours: Colours) -> Spec:
    """Draw a bar for each hour of the day, with a piece for each direction."""
    hours = alt.X("hour:O", scale=alt.Scale(domain=list(range(24))), title=None)
    chart = base(placed(rows, "direction", colours)).mark_bar(aria=False)
    return finish(
        chart.encode(
            x=hours.axis(values=list(range(0, 24, 3)), labelAngle=0),
            y=amount("calls"),
            color=colour("direction", colours),
            order=alt.Order("place:Q"),
            tooltip=["hour:O", "direction:N", "calls:Q"],
        )
    )


def bars_across(rows: list[Row], names: list[str], colours: Colours) -> Spec:
    """Draw a bar for each length of a call, with a piece for each provider."""
    lengths = alt.Y("duration:N", sort=names, scale=alt.Scale(domain=names), title=None)
    placed_rows = placed(rows, "provider", colours)
    chart = base(placed_rows, height=BAR * len(names)).mark_bar(aria=False)
    return finish(
        chart.encode(
            x=alt.X("calls:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=5)),
            y=lengths,
            color=colour("provider", colours),
            order=alt.Order("place:Q"),
            tooltip=["duration:N", "provider:N", "calls:Q"],
        )
    )


def shares_across(rows: list[Row], colours: Colours) -> Spec:
    """Draw a full bar for each provider, cut by the share of each status."""
    height = BAR * len({row["provider"] for row in rows})
    percent = alt.Axis(format="%", tickCount=5)
    chart = base(placed(rows, "status", colours), height=height).mark_bar(aria=False)
    return finish(
        chart.encode(
            x=alt.X("calls:Q", stack="normalize", title=None, axis=percent),
            y=alt.Y("provider:N", title=None),
            color=colour("status", colours),
            order=alt.Order("place:Q"),
            tooltip=["provider:N", "status:N", "calls:Q"],
        )
    )


def placed(rows: list[Row], field: str, colours: Colours) -> list[Row]:
    """Add where the pieces of a bar go: in the order of the colours."""
    places = {name: place for place, name in enumerate(colours)}
    return [row | {"place": places[row[field]]} for row in rows]


def base(rows: list[Row], height: int = HEIGHT) -> alt.Chart:
    """Start a chart that is as wide as its place on the page."""
    return alt.Chart(alt.InlineData(values=rows), width="container", height=height)


def days(rows: list[Row]) -> alt.X:
    """Lay the days out from left to right, those without a call as well."""
    first, last = (date.fromisoformat(found([row["day"] for row in rows])) for found in (min, max))
    every = [str(first + timedelta(days=day)) for day in range((last - first).days + 1)]
    axis = alt.Axis(
        labelAngle=0,
        labelExpr="utcFormat(toDate(datum.value), '%-d %b')",
        labelOverlap=True,
        labelPadding=7,
        ticks=False,
    )
    return alt.X("day:O", title=None, axis=axis, scale=alt.Scale(domain=every))


def amount(value: str) -> alt.Y:
    """Lay an amount out from bottom to top."""
    axis = alt.Axis(tickCount=5, tickMinStep=1) if value == "calls" else alt.Axis(tickCount=5)
    return alt.Y(f"{value}:Q", title=None, axis=axis)


def colour(field: str, colours: Colours) -> alt.Color:
    """Colour by a name; the page has the legend, for it can wrap."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{field}:N", scale=scale, legend=None)


def finish(chart: alt.Chart) -> Spec:
    """Give the chart the page's looks and return its specification."""
    axis = alt.AxisConfig(
        domainColor=INK,
        domainOpacity=0.3,
        gridColor=INK,
        gridOpacity=0.12,
        labelColor=INK,
        labelFontSize=12,
        tickColor=INK,
        tickOpacity=0.3,
    )
    config = alt.Config(axis=axis, background="transparent", font=FONT, view={"stroke": None})
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    specification: Spec = chart.properties(config=config, autosize=fit).to_dict()
    return specification
