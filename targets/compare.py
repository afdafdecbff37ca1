"""Compare what a target loaded with what the tap wrote, row by row and value by value."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from targets.values import kind_of, unlike

if TYPE_CHECKING:
    from targets.place import Row, Tables
    from targets.written import Stream

    Properties = dict[str, dict[str, Any]]

KINDS = ("amount", "time", "object", "text", "integer", "boolean")


@dataclass
class Comparison:
    """What a target made of the rows.

    Attributes:
        expected: The rows that the tap wrote, one for each key.
        landed: The rows that are in the target.
        missing: The rows that are not, by stream.
        surplus: Rows more than one of a key, or of no key that was written, by stream.
        renamed: Fields whose column has other underscores, as in `ended_reason` for `endedReason`.
        spread: Objects that have no column of their own, but one for each of their fields.
        compared: How many values were compared, by kind.
        wrong: What is otherwise, by kind, what it is, and the field.
    """

    expected: int = 0
    landed: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    surplus: Counter[str] = field(default_factory=Counter)
    renamed: Counter[str] = field(default_factory=Counter)
    spread: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def of_kind(self, kind: str) -> dict[str, Counter[str]]:
        """Return what is otherwise about values of a kind: the fields of each, with counts."""
        found: dict[str, Counter[str]] = {}
        for (of, what, name), count in self.wrong.items():
            if of == kind:
                found.setdefault(what, Counter())[name] += count
        return found


def compare(written: dict[str, Stream], tables: Tables) -> Comparison:
    """Compare the tables of a target with what was written."""
    result = Comparison()
    for name, stream in written.items():
        _compare_stream(result, name, stream, tables.get(name, []))
    return result


def _compare_stream(result: Comparison, name: str, stream: Stream, landed: list[Row]) -> None:
    result.expected += len(stream.rows)
    result.landed += len(landed)
    left: dict[tuple[str, ...], Row] = {}
    for row in landed:
        key = stream.key_of({field: row.get(field.lower()) for field in stream.key})
        if key in left or key not in stream.rows:
            result.surplus[name] += 1
        left[key] = row
    for key, record in stream.rows.items():
        if key in left:
            _compare_row(result, _Where(name), stream.properties, record, left[key])
        else:
            result.missing[name] += 1


class _Where(NamedTuple):
    """An object of a stream: what the names of the columns of its fields begin with."""

    stream: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.stream}.{self.prefix}"


def _compare_row(
    result: Comparison, where: _Where, properties: Properties, record: Row, row: Row
) -> None:
    """Compare the fields of a record, or of an object that the target laid out as columns."""
    for name, schema in properties.items():
        kind, column_name, path = kind_of(schema), f"{where.prefix}{name}", f"{where}{name}"
        wanted: Any = record.get(name)
        column = _column(column_name, row)
        if column is None and schema.get("properties") and isinstance(wanted, dict):
            result.spread[path] += 1
            inside = _Where(where.stream, f"{column_name}__")
            _compare_row(result, inside, schema["properties"], wanted, row)
            continue
        result.compared[kind] += 1
        if column is None:
            if wanted is not None:
                result.wrong[kind, "no such column", path] += 1
            continue
        if column != column_name.lower():
            result.renamed[path] += 1
        if what := unlike(kind, wanted, row[column]):
            result.wrong[kind, what, path] += 1


def _column(name: str, row: Row) -> str | None:
    """Find the column of a field, by the letters alone if none has its name."""
    if name.lower() in row:
        return name.lower()
    letters = _letters(name.lower())
    return next((column for column in row if _letters(column) == letters), None)


@cache
def _letters(name: str) -> str:
    """Return a name without its single underscores; double ones are between names."""
    return re.sub(r"(?<!_)_(?!_)", "", name)
