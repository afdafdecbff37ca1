"""What a stream keeps of a record between reading and writing it."""

from __future__ import annotations

from collections.abc import Hashable  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.calls.call import Call  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable


class Row(msgspec.Struct, frozen=True, order=True, gc=False):
    """A record, ready to be written, with what decides when and whether that happens.

    Rows sort by time and then by key, which tells them apart.

    Attributes:
        time: The replication key's value; empty where there is none.
        key: What tells the record from all others: the primary key's values.
        read_time: The time that a stream reads by, where that is not the replication key's.
        bookmark_cap: What the bookmark must not pass, as the record may still change; may be empty.
        body: The record as JSON, in one line.
        call: The call that it is in the words of all providers, where that is asked for.
    """

    time: str
    key: tuple[Hashable, ...]
    read_time: str
    bookmark_cap: str
    body: bytes
    call: Call | None = None


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Sort rows, of each key the one that was read last."""
    return sorted({row.key: row for row in rows}.values())
