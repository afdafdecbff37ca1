"""Sorted runs of rows in a temporary file without a name."""

from __future__ import annotations

import pickle  # the file is nameless, and only this process has it open
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.rows.row import Row

# How much of a run is read at a time: a window of a million records has some 500 runs, which are
# all open while they are merged, so 64 KiB of each are 32 MiB.
_BLOCK_ROWS = 64
_BLOCK_BYTES = 1 << 16


class StorageError(BadAnswer):
    """The temporary file cannot be written or read."""


class RunsFile:
    """Runs of rows, one after the other in one file."""

    def __init__(self) -> None:
        self._blocks: list[list[int]] = []
        try:
            self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - open as long as the rows
        except OSError as error:
            raise _storage_error(error) from None

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._blocks)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()

    def close(self) -> None:
        """Free the disk space."""
        self._file.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append a run.

        Raises:
            StorageError: The file cannot be written.
        """
        offsets: list[int] = []
        try:
            self._file.seek(0, 2)
            for block in in_chunks(rows, _BLOCK_ROWS, _BLOCK_BYTES):
                offsets.append(self._file.tell())
                pickle.dump(block, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise _storage_error(error) from None
        self._blocks.append(offsets)

    def rows(self, number: int) -> Iterator[Row]:
        """Yield the rows of a run.

        Raises:
            StorageError: The file cannot be read.
        """
        for offset in self._blocks[number]:
            try:
                self._file.seek(offset)
                block: list[Row] = pickle.load(self._file)  # noqa: S301 - written above
            except OSError as error:
                raise _storage_error(error) from None
            yield from block


def in_chunks(rows: Iterable[Row], most_rows: int, most_bytes: int) -> Iterator[list[Row]]:
    """Yield rows in chunks of a bounded number and size."""
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


def _storage_error(error: OSError) -> StorageError:
    msg = (
        "the records of a window do not fit into memory, and cannot be kept in a temporary file "
        f"({error.strerror or type(error).__name__}); free space there, or set TMPDIR to a folder "
        "that has some"
    )
    return StorageError(msg)
