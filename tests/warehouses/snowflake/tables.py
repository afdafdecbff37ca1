"""A table of Snowflake: its rows as records of the tap, under the names of their fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Record = dict[str, Any]

_LOADERS_OWN = "_SDC_"


@dataclass(frozen=True)
class Table:
    """A table as the stand-in tells of it, but for the loader's own columns.

    Attributes:
        types: The type of each column.
        key: The columns of the primary key.
        rows: The rows, values as text.
    """

    types: dict[str, str]
    key: list[str]
    rows: list[dict[str, str | None]]

    @property
    def columns(self) -> dict[str, str]:
        """The type of each column that is not the loader's own, without its length."""
        return {
            name: kind.removesuffix("(16777216)")
            for name, kind in self.types.items()
            if not name.startswith(_LOADERS_OWN)
        }

    def records(self, names: Iterable[str]) -> list[Record]:
        """Return the rows as records with these fields."""
        readers = {name: (name.upper(), _READERS[self.columns[name.upper()]]) for name in names}
        return [
            {
                name: None if (text := row[column]) is None else read(text)
                for name, (column, read) in readers.items()
            }
            for row in self.rows
        ]

    @property
    def fields(self) -> list[str]:
        """The columns' names in small letters, which most fields' names are."""
        return [name.lower() for name in self.columns]


def _variant(text: str) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(text, parse_float=Decimal)


def _time(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


_READERS: dict[str, Callable[[str], Any]] = {
    "VARCHAR": str,
    "NUMBER(38,0)": int,
    "NUMBER(38,18)": Decimal,
    "FLOAT": Decimal,
    "BOOLEAN": "true".__eq__,
    "TIMESTAMP_TZ(9)": _time,
    "VARIANT": _variant,
}
