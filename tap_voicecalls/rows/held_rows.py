"""Rows held on disk until they are wanted, in the other order than they came."""

from __future__ import annotations

from itertools import pairwise
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.rows.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def last_first(chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Take all chunks, each newest first, and yield them ascending: the last one first.

    What a list hides may be long, and its rows large, so they wait in a file without a name. Rows
    that feed `calls` are not for this: their calls are not kept.
    """
    with TemporaryFile() as file:
        ends = [0]
        for chunk in chunks:
            kept = [
                (row.time, row.key, row.read_time, row.bookmark_cap, row.body)
                for row in reversed(chunk)
            ]
            file.write(msgspec.msgpack.encode(kept))
            ends.append(file.tell())
        for start, end in reversed(list(pairwise(ends))):
            file.seek(start)
            yield [
                Row(time, tuple(key), read_time, bookmark_cap, body)
                for time, key, read_time, bookmark_cap, body in msgspec.msgpack.decode(
                    file.read(end - start)
                )
            ]
