"""The limits of a report's file, however small its archive is."""

from __future__ import annotations

import io
import tracemalloc
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.vonage.reports.file import TooLargeError, batches, check

MIB = 1 << 20
HEADER = b"id,date_start,to\r\n"


def packed(start: bytes, piece: bytes, times: int) -> IO[bytes]:
    """Return an archive of a table that repeats a piece, made without holding it in memory."""
    written = io.BytesIO()
    with (
        ZipFile(written, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("report.csv", "w", force_zip64=True) as table,
    ):
        table.write(HEADER + start)
        for _ in range(times):
            table.write(piece)
    written.seek(0)
    return written


def test_an_endless_field_is_refused_without_being_held() -> None:
    """A field of gigabytes that comes in megabytes must neither fill the memory, nor take long."""
    file = packed(b"v-1,", b"x" * MIB, 300)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError, match="a line of more than 16777216 bytes"):
            check(file)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()


def test_an_endless_field_of_many_lines_is_refused() -> None:
    """Lines within quotes are one field: each is short, and all of them are held together."""
    file = packed(b'v-1,"', (b"x" * 1023 + b"\n") * 1024, 20)
    check(file)

    with pytest.raises(BadAnswer, match="larger than field limit \\(16777216\\)"):
        list(batches(file))


def test_a_batch_of_long_rows_is_small() -> None:
    """A thousand rows at once are little, unless each of them is a megabyte."""
    file = packed(b"", b"v-1,2026," + b"x" * MIB + b"\r\n", 20)
    check(file)

    sizes = [len(batch) for batch in batches(file)]

    assert sum(sizes) == 20
    assert max(sizes) <= 5


def test_a_file_with_a_huge_declared_size_is_not_unpacked() -> None:
    """Terabytes of short lines would take days: the declared size is checked first."""
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        archive.writestr("report.csv", HEADER)
        archive.infolist()[0].file_size = 9 << 30
    written.seek(0)

    with pytest.raises(TooLargeError, match="unpacks to 9663676416 bytes, more than 8589934592"):
        check(written)


def test_an_archive_with_a_huge_directory_is_refused() -> None:
    """A million names are held in memory before the first of them is looked at."""
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}{'x' * 60_000}.csv", HEADER)
    written.seek(0)

    with pytest.raises(TooLargeError, match=r"has a directory of 12\d{5} bytes"):
        check(written)


def test_a_file_with_many_rows_is_accepted() -> None:
    """The bounds are far from what a report of a million calls has."""
    file = packed(b"", b"v-1,2026-02-03T10:00:00Z,12025550101\r\n" * 1000, 200)
    check(file)

    assert sum(map(len, batches(file))) == 200_000
