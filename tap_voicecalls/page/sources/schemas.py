"""Which schema of a database holds the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.page.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Sequence

FIND = """
    select table_schema
    from information_schema.columns
    where table_name = 'calls' and column_name = 'call_id'
    order by table_schema
"""
"""Names the schemas that have a table `calls` of this tap."""


def quote(name: str) -> str:
    """Quote a name for a statement."""
    return '"' + name.replace('"', '""') + '"'


def choose_schema(place: str, found: Sequence[str], asked: str | None) -> str:
    """Return the schema to read.

    Raises:
        PageError: There is none, or there are several and none was asked for.
    """
    if asked and asked in found:
        return asked
    if asked or not found:
        where = f"schema {asked} of {place}" if asked else place
        others = f"; it is in {', '.join(found)}" if found else "; load the stream `calls` into it"
        msg = f"{where} has no table `calls`{others}"
        raise PageError(msg)
    if len(found) > 1:
        msg = f"{place} has a table `calls` in {', '.join(found)}; choose one with --schema"
        raise PageError(msg)
    return found[0]
