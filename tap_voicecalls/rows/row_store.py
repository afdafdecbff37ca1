"""Holds the rows of one list, deduplicated by key: the first in memory, more in a temporary file.

What came is never read again because there is much of it: beyond a stated number, rows go to a
nameless file as sorted runs, which are merged when they are written out. Memory holds some rows of
each run then, and a digest of each key.
"""

from __future__ import annotations

import heapq
import pickle  # the file is nameless, and only this process has it open
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from tap_voicecalls.rows.row import Row

# How much of a run is read at a time: a window of a million records has some 500 runs, which are
# all open while they are merged, so 64 KiB of each are 32 MiB.
_BLOCK_ROWS = 64
_BLOCK_BYTES = 1 << 16
_DIGEST_BYTES = 16  # two of a billion keys are alike with a probability of 1e-21


class StorageError(BadAnswer):
    """The temporary file cannot be written or read."""


class RowStore:
    """The rows of one list, of each key the one that was read last.

    Args:
        most_rows: How many rows are held in memory.
        most_bytes: How many bytes their records may have together.
    """

    def __init__(self, most_rows: int, most_bytes: int) -> None:
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._rows: dict[Hashable, Row] = {}
        self._bytes = 0
        self._runs: _Runs | None = None
        self._keys = set[bytes]()
        # Of keys that came again: the run that holds the row that was read last.
        self._latest: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._rows) if self._runs is None else len(self._keys)

    def add(self, rows: Sequence[Row]) -> int:
        """Take in a page of rows, and return how many keys are new.

        Raises:
            StorageError: The temporary file cannot be written.
        """
        before = len(self)
        self._rows.update([(row.key, row) for row in rows])
        self._bytes += sum([len(row.body) for row in rows])
        if self._runs is not None:
            self._note(self._runs, rows)
        if len(self._rows) > self._most_rows or self._bytes > self._most_bytes:
            self._spill()
        return len(self) - before

    def chunks(self) -> Iterator[list[Row]]:
        """Yield all rows in order, not more at a time than memory is for; once.

        Raises:
            StorageError: The temporary file cannot be read.
        """
        if self._runs is None:
            yield sorted(self._rows.values())
        else:
            try:
                yield from _chunks(self.in_order(), self._most_rows, self._most_bytes)
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
            self._runs = _Runs()
            self._note(self._runs, self._rows.values())
        self._runs.write(sorted(self._rows.values()))
        self._rows, self._bytes = {}, 0

    def _note(self, runs: _Runs, rows: Iterable[Row]) -> None:
        """Keep the digests of keys, and which run their rows are to be part of."""
        for digest in map(_digest, rows):
            if digest in self._keys:
                self._latest[digest] = len(runs)
            else:
                self._keys.add(digest)

    def _latest_of(self, number: int, run: Iterable[Row]) -> Iterator[Row]:
        return (row for row in run if self._latest.get(_digest(row), number) == number)


def merged(stores: Sequence[RowStore], most_rows: int, most_bytes: int) -> Iterator[list[Row]]:
    """Yield the rows of several lists in order, of each key one, some at a time.

    Args:
        stores: The lists.
        most_rows: How many rows to yield at a time, where some are in a file.
        most_bytes: How many bytes their records may have together then.
    """
    if len(stores) == 1:
        yield from stores[0].chunks()
    elif any(store.is_spilled for store in stores):
        rows = heapq.merge(*(store.in_order() for store in stores))
        yield from _chunks(_each_once(rows), most_rows, most_bytes)
    else:
        yield sorted({row.key: row for store in stores for row in store.in_order()}.values())


class _Runs:
    """Sorted runs of rows, one after the other in a file without a name."""

    def __init__(self) -> None:
        self._blocks: list[list[int]] = []
        try:
            self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - open for as long as the rows
        except OSError as error:
            raise _storage_error(error) from None

    def __len__(self) -> int:
        return len(self._blocks)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()

    def close(self) -> None:
        """Give the space back."""
        self._file.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append a run."""
        places: list[int] = []
        try:
            self._file.seek(0, 2)
            for block in _chunks(rows, _BLOCK_ROWS, _BLOCK_BYTES):
                places.append(self._file.tell())
                pickle.dump(block, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise _storage_error(error) from None
        self._blocks.append(places)

    def rows(self, number: int) -> Iterator[Row]:
        """Yield the rows of a run."""
        for place in self._blocks[number]:
            try:
                self._file.seek(place)
                block: list[Row] = pickle.load(self._file)  # noqa: S301 - written above
            except OSError as error:
                raise _storage_error(error) from None
            yield from block


def _chunks(rows: Iterable[Row], most_rows: int, most_bytes: int) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += len(row.body)
        if len(chunk) >= most_rows or size >= most_bytes:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _each_once(rows: Iterable[Row]) -> Iterator[Row]:
    last: Hashable = None
    for row in rows:
        if row.key != last:
            yield row
        last = row.key


def _digest(row: Row) -> bytes:
    key = repr(row.key).encode("utf-8", "surrogatepass")
    return blake2b(key, digest_size=_DIGEST_BYTES).digest()


def _storage_error(error: OSError) -> StorageError:
    msg = (
        "the records of a window do not fit into memory, and cannot be kept in a temporary file "
        f"({error.strerror or type(error).__name__}); free space there, or set TMPDIR to a folder "
        "that has some"
    )
    return StorageError(msg)
