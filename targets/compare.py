"""Compare what a target loaded with what the tap wrote, row by row and value by value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from targets.values import kind_of, unlike

if TYPE_CHECKING:
    from targets.place import Row, Tables
    from targets.written import Stream

KINDS = ("amount", "time", "object", "text", "integer", "boolean")


@dataclass
class Comparison:
    """What a target made of the rows.

    Attributes:
        expected: The rows that the tap wrote, one for each key.
        landed: The rows that are in the target.
        missing: The rows that are not, by stream.
        surplus: Rows more than one of a key, or of no key that was written, by stream.
        compared: How many values were compared, by kind.
        wrong: What is otherwise, by kind, what it is, and the field.
    """

    expected: int = 0
    landed: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    surplus: Counter[str] = field(default_factory=Counter)
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
            _compare_row(result, name, stream, record, left[key])
        else:
            result.missing[name] += 1


def _compare_row(result: Comparison, name: str, stream: Stream, record: Row, row: Row) -> None:
    for field_name, schema in stream.properties.items():
        kind = kind_of(schema)
        result.compared[kind] += 1
        where = f"{name}.{field_name}"
        wanted: Any = record.get(field_name)
        if (column := field_name.lower()) not in row:
            if wanted is not None:
                result.wrong[kind, "no such column", where] += 1
        elif what := unlike(kind, wanted, row[column]):
            result.wrong[kind, what, where] += 1
