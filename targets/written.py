"""What the tap wrote: the last record of each key, in each stream."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from targets.readers import exact_json
from targets.values import as_key, kind_of

if TYPE_CHECKING:
    from pathlib import Path

    from targets.place import Row


@dataclass
class Stream:
    """A stream as it was written.

    Attributes:
        properties: The schema of each field.
        key: The fields of the primary key.
        records: How many records were written.
        rows: The last record of each key.
    """

    properties: dict[str, dict[str, Any]]
    key: list[str]
    records: int = 0
    rows: dict[tuple[str, ...], Row] = field(default_factory=dict)

    def add(self, record: Row) -> None:
        """Take the next record."""
        self.records += 1
        self.rows[self.key_of(record)] = record

    def key_of(self, row: Row) -> tuple[str, ...]:
        """Return the primary key of a row; a moment is the same however it is written."""
        return tuple(as_key(kind_of(self.properties[name]), row[name]) for name in self.key)


def write_half(path: Path, half: Path) -> None:
    """Write the messages of a later run: every other record of those that were written before.

    A target that replaces rows by key still has all of them afterwards.
    """
    is_taken = True
    with path.open(encoding="utf-8") as lines, half.open("w", encoding="utf-8") as output:
        for line in lines:
            kind = json.loads(line)["type"]
            is_taken = kind != "RECORD" or not is_taken
            # An ACTIVATE_VERSION would make the rest disappear, as it must.
            if is_taken and kind != "ACTIVATE_VERSION":
                output.write(line)


def streams(path: Path) -> dict[str, Stream]:
    """Read the messages of a tap; the names of streams are in small letters."""
    found: dict[str, Stream] = {}
    with path.open(encoding="utf-8") as lines:
        for message in map(exact_json, lines):
            if message["type"] == "SCHEMA":
                stream = Stream(message["schema"]["properties"], message["key_properties"])
                found.setdefault(message["stream"].lower(), stream)
            elif message["type"] == "RECORD":
                found[message["stream"].lower()].add(message["record"])
    return found
