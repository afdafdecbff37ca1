"""The file of an asynchronous report: a zip archive that holds a table in CSV. No HTTP."""

from __future__ import annotations

import csv
import io
import zlib
from itertools import islice
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from tap_voicecalls.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    Fields = dict[str, str]

_ROWS_AT_ONCE = 1_000
_LONGEST_FIELD = 2**31 - 1
# What zipfile raises for an archive that is cut, changed, or packed in a way that it cannot read.
_UNREADABLE = (BadZipFile, EOFError, RuntimeError, ValueError, zlib.error)


def check(file: IO[bytes]) -> None:
    """Read all of an archive, and compare its checksums.

    Raises:
        BadAnswer: It is cut or changed, no archive at all, or one without a table.
    """
    try:
        with ZipFile(file) as archive:
            names = _tables(archive)
            is_broken = not _is_readable(archive) or archive.testzip() is not None
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
    csv.field_size_limit(_LONGEST_FIELD)
    with ZipFile(file) as archive:
        for name in _tables(archive):
            with archive.open(name) as member:
                text = io.TextIOWrapper(member, "utf-8-sig", errors="replace", newline="")
                rows = _rows(text)
                while batch := list(islice(rows, _ROWS_AT_ONCE)):
                    yield batch


def _is_readable(archive: ZipFile) -> bool:
    """Tell whether all is packed in the ways that are in use; a changed byte may say another."""
    return {info.compress_type for info in archive.infolist()} <= {ZIP_STORED, ZIP_DEFLATED}


def _tables(archive: ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.lower().endswith(".csv")]


def _rows(text: io.TextIOWrapper) -> Iterator[Fields]:
    table = csv.reader(text)
    header = [name.strip().lower() for name in next(table, [])]
    if len(set(header)) < len(header):
        msg = "the report's table has two columns of one name"
        raise BadAnswer(msg)
    for cells in table:
        if len(cells) > len(header):
            msg = f"a row of the report has {len(cells)} fields, but there are {len(header)}"
            raise BadAnswer(msg)
        if cells:  # not an empty line
            yield {name: cell for name, cell in zip(header, cells, strict=False) if cell}
