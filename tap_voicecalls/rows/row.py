"""What a stream keeps of a record between reading and writing it."""

from __future__ import annotations

from collections.abc import Hashable  # noqa: TC003 - msgspec reads the annotations
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.calls.normalized import Normalized, ReadyRows  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Row(msgspec.Struct, frozen=True, order=True, gc=False):
    """A record that is ready to be written, and what decides when it is written.

    Rows sort by time, then by key.

    Attributes:
        time: The value of the replication key; empty if there is none.
        key: The values of the primary key, which identify the record.
        read_time: The time that the stream reads by, if that is not the replication key.
        bookmark_cap: The time that the bookmark must not pass, because the record may still change;
            empty if it may not.
        body: The record as JSON, in one line.
        normalized: What it tells of a call, if that is merged with what other records tell.
        ready: Its rows of the common streams, if it feeds any by itself.
    """

    time: str
    key: tuple[Hashable, ...]
    read_time: str
    bookmark_cap: str
    body: bytes
    normalized: Normalized | None = None
    ready: ReadyRows | None = None


key_of: Callable[[Row], tuple[Hashable, ...]] = attrgetter("key")
time_of: Callable[[Row], str] = attrgetter("time")
body_of: Callable[[Row], bytes] = attrgetter("body")
bookmark_cap_of: Callable[[Row], str] = attrgetter("bookmark_cap")
"""Read fields of many rows with `map`, which takes half of the time of a comprehension."""


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Deduplicate rows by key (the last one wins), then sort them."""
    return sorted({row.key: row for row in rows}.values())
