"""The file of an asynchronous report: a zip archive with a CSV table. No HTTP.

Its content is bounded, however small the archive is: see the constants.
"""

from __future__ import annotations

import zlib
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.providers.vonage.reports.table import LONGEST_LINE, Fields, batches_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIB = 1 << 20
MOST_BYTES = 8 << 30
"""Bytes that the archive may unpack to: a report has under 7 million records of up to 1 KiB."""
LONGEST_DIRECTORY = _MIB
"""Bytes of an archive's directory, which is held in memory: a report has one member."""
_PIECE = 256 * 1024
# Errors of zipfile for an archive that is truncated, damaged, or in an unsupported format.
_UNREADABLE = (BadZipFile, EOFError, RuntimeError, ValueError, zlib.error)


class TooLargeError(ApiError):
    """A file is larger than that of a report may be; another download would be the same."""


def check(file: IO[bytes]) -> None:
    """Read a whole archive and verify its checksums.

    Raises:
        BadAnswer: It is truncated or damaged, not an archive, or has no table.
        TooLargeError: It unpacks to more than a report may.
    """
    try:
        with ZipFile(_Guarded(file)) as archive:
            is_broken = not _is_readable(archive)
            if not is_broken:
                _read_through(archive)
            names = _tables(archive)
    except _UNREADABLE:
        names, is_broken = [], True
    if is_broken:
        msg = "the report's file is not a complete zip archive"
        raise BadAnswer(msg)
    if not names:
        msg = "the report's file contains no CSV"
        raise BadAnswer(msg)


def batches(file: IO[bytes]) -> Iterator[list[Fields]]:
    """Yield the rows of a checked archive in batches, without empty fields: they are CSV's null.

    Raises:
        BadAnswer: A table is not that of a report.
    """
    with ZipFile(_Guarded(file)) as archive:
        for name in _tables(archive):
            with archive.open(name) as member:
                yield from batches_of(member)


class _Guarded:
    """A file that refuses large reads: zipfile reads the directory of an archive at once.

    Args:
        file: The file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        """Read from the file. Without a size zipfile reads no more than the end of it."""
        if size > LONGEST_DIRECTORY:
            msg = f"the report's file has a directory of {size} bytes, more than {_MIB}"
            raise TooLargeError(msg)
        return self._read(size)


def _read_through(archive: ZipFile) -> None:
    """Read all members to their ends, where zipfile verifies the checksums."""
    size = sum(member.file_size for member in archive.infolist())
    if size > MOST_BYTES:
        msg = f"the report's file unpacks to {size} bytes, more than {MOST_BYTES}"
        raise TooLargeError(msg)
    for info in archive.infolist():
        length = 0
        with archive.open(info) as member:
            while piece := member.read(_PIECE):
                end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
                length = length + len(piece) if end < 0 else len(piece) - end
                if length > LONGEST_LINE:
                    msg = f"the report's file has a line of more than {LONGEST_LINE} bytes"
                    raise TooLargeError(msg)


def _is_readable(archive: ZipFile) -> bool:
    """Return whether all members are stored or deflated; damage may name another method."""
    return {info.compress_type for info in archive.infolist()} <= {ZIP_STORED, ZIP_DEFLATED}


def _tables(archive: ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.lower().endswith(".csv")]
