"""The file of an asynchronous report: a zip archive that holds a table in CSV. No HTTP.

What it may hold is bounded, whatever it is packed into: see the constants.
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
"""What the archive may unpack to: a report has under 7 million records, of 1 KiB at the most."""
LONGEST_DIRECTORY = _MIB
"""Bytes of an archive's list of members, which is held in memory: a report has one member."""
_PIECE = 256 * 1024
# What zipfile raises for an archive that is cut, changed, or packed in a way that it cannot read.
_UNREADABLE = (BadZipFile, EOFError, RuntimeError, ValueError, zlib.error)


class TooLargeError(ApiError):
    """A file holds more than the file of a report may; another download would be no smaller."""


def check(file: IO[bytes]) -> None:
    """Read all of an archive, and compare its checksums.

    Raises:
        BadAnswer: It is cut or changed, no archive at all, or one without a table.
        TooLargeError: It unpacks to more than a report can hold.
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
        msg = "the report's file is no whole zip archive"
        raise BadAnswer(msg)
    if not names:
        msg = "the report's file holds no CSV"
        raise BadAnswer(msg)


def batches(file: IO[bytes]) -> Iterator[list[Fields]]:
    """Yield the rows of an archive that was checked, some at a time.

    A field that is empty is left out, for CSV has no other null.

    Raises:
        BadAnswer: A table is not one.
    """
    with ZipFile(_Guarded(file)) as archive:
        for name in _tables(archive):
            with archive.open(name) as member:
                yield from batches_of(member)


class _Guarded:
    """A file that refuses to read much at once: so does whoever asks for the list of members.

    Args:
        file: The file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        """Read as the file does; without a size, no more than what zipfile reads of the end."""
        if size > LONGEST_DIRECTORY:
            msg = f"the report's file lists its members in {size} bytes, more than {_MIB}"
            raise TooLargeError(msg)
        return self._read(size)


def _read_through(archive: ZipFile) -> None:
    """Read all members to their ends, where checksums are compared."""
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
    """Tell whether all is packed in the ways that are in use; a changed byte may say another."""
    return {info.compress_type for info in archive.infolist()} <= {ZIP_STORED, ZIP_DEFLATED}


def _tables(archive: ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.lower().endswith(".csv")]
