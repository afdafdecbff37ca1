"""Holds the rows of one list, deduplicated by key: the first in memory, more in a temporary file.

A list is never read again because it is long: beyond a stated number, its rows go to a file as
sorted runs, which are merged when they are written out. Memory then holds some rows of each run and
a digest of each key.
"""

from __future__ import annotations

import heapq
from hashlib import blake2b
from typing import TYPE_CHECKING

from tap_voicecalls.rows.row import body_of, key_of
from tap_voicecalls.rows.runs_file import RunsFile, in_chunks

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from tap_voicecalls.rows.row import Row

ROWS_IN_MEMORY = 2_000
"""Rows of a list that are held in memory; more go to a temporary file."""
BYTES_IN_MEMORY = 1 << 24
"""Bytes that they may have together."""

_DIGEST_BYTES = 16  # two of a billion keys are alike with a probability of 1e-21


class RowStore:
    """The rows of one list; of rows with the same key, the one that was read last.

    Args:
        most_rows: How many rows are held in memory.
        most_bytes: How many bytes they may have together.
    """

    def __init__(self, most_rows: int = ROWS_IN_MEMORY, most_bytes: int = BYTES_IN_MEMORY) -> None:
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._rows: dict[Hashable, Row] = {}
        self._bytes = 0
        self._runs: RunsFile | None = None
        self._keys = set[bytes]()
        # Of keys that came again: the run that holds the row that was read last.
        self._latest: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._rows) if self._runs is None else len(self._keys)

    def add(self, rows: Sequence[Row]) -> int:
        """Add a page of rows, and return how many keys are new.

        Raises:
            StorageError: The temporary file cannot be written.
        """
        before = len(self)
        self._rows.update(zip(map(key_of, rows), rows, strict=True))
        self._bytes += sum(map(len, map(body_of, rows)))
        self._bytes += sum(row.ready.size for row in rows if row.ready)
        if self._runs is not None:
            self._remember(self._runs, rows)
        if len(self._rows) > self._most_rows or self._bytes > self._most_bytes:
            self._spill()
        return len(self) - before

    def chunks(self) -> Iterator[list[Row]]:
        """Yield all rows in order, at most as many at a time as memory is meant for; once.

        Raises:
            StorageError: The temporary file cannot be read.
        """
        if self._runs is None:
            yield sorted(self._rows.values())
        else:
            try:
                yield from in_chunks(self.in_order(), self._most_rows, self._most_bytes)
            finally:
                self._runs.close()

    @property
    def is_spilled(self) -> bool:
        """Whether some rows are in a file."""
        return self._runs is not None

    def in_order(self) -> Iterator[Row]:
        """Yield all rows in order."""
        rest = sorted(self._rows.values())
        if self._runs is None:
            return iter(rest)
        runs = [*map(self._runs.rows, range(len(self._runs))), iter(rest)]
        if self._latest:
            runs = [self._latest_of(number, run) for number, run in enumerate(runs)]
        return heapq.merge(*runs)

    def _spill(self) -> None:
        if self._runs is None:
            self._runs = RunsFile()
            self._remember(self._runs, self._rows.values())
        self._runs.write(sorted(self._rows.values()))
        self._rows, self._bytes = {}, 0

    def _remember(self, runs: RunsFile, rows: Iterable[Row]) -> None:
        """Keep the digests of keys, and which run their rows are going to be part of."""
        for digest in map(_digest, rows):
            if digest in self._keys:
                self._latest[digest] = len(runs)
            else:
                self._keys.add(digest)

    def _latest_of(self, number: int, run: Iterable[Row]) -> Iterator[Row]:
        return (row for row in run if self._latest.get(_digest(row), number) == number)


def merged(stores: Sequence[RowStore], most_rows: int, most_bytes: int) -> Iterator[list[Row]]:
    """Yield the rows of several lists in order, one for each key, in chunks.

    Args:
        stores: The lists.
        most_rows: How many rows to yield at a time, if some are in a file.
        most_bytes: How many bytes their records may then have together.
    """
    if len(stores) == 1:
        yield from stores[0].chunks()
    elif any(store.is_spilled for store in stores):
        rows = heapq.merge(*(store.in_order() for store in stores))
        yield from in_chunks(_each_once(rows), most_rows, most_bytes)
    else:
        yield sorted({row.key: row for store in stores for row in store.in_order()}.values())


def last_first(chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Consume all chunks, each newest first, and yield them ascending: the last one first.

    Raises:
        StorageError: The temporary file cannot be written or read.
    """
    runs = RunsFile()
    for chunk in chunks:
        runs.write(reversed(chunk))
    for number in reversed(range(len(runs))):
        yield list(runs.rows(number))


def _each_once(rows: Iterable[Row]) -> Iterator[Row]:
    last: Hashable = None
    for row in rows:
        if row.key != last:
            yield row
        last = row.key


def _digest(row: Row) -> bytes:
    key = repr(row.key).encode("utf-8", "surrogatepass")
    return blake2b(key, digest_size=_DIGEST_BYTES).digest()
