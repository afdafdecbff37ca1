"""Where a target of one run loads into: a folder, a database, a schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Server

Row = dict[str, Any]
Tables = dict[str, list[Row]]
"""The rows of each table; names of tables and columns are in small letters."""


@dataclass(frozen=True)
class Place:
    """A place that nothing else loads into.

    Attributes:
        name: What tells it from the others, as a name of a database.
        folder: An empty folder.
        postgres: A server with a database of that name.
        snowflake: The port of the stand-in for Snowflake, None where there is none.
    """

    name: str
    folder: Path
    postgres: Server
    snowflake: int | None
