"""The file of a report: its rows are read, and a damaged file is detected."""

from __future__ import annotations

import io
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.vonage.reports.file import batches, check


def packed(*tables: bytes, name: str = "report_VOICE-CALL_abcd1234_20260401.csv") -> IO[bytes]:
    """Return an archive that holds tables."""
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for number, table in enumerate(tables):
            archive.writestr(f"{number}_{name}", table)
    written.seek(0)
    return written


def rows(file: IO[bytes]) -> list[dict[str, str]]:
    """Read all rows of a file that is in order."""
    check(file)
    return [row for batch in batches(file) for row in batch]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (b"id,to,date_start\r\n1,2\r\n", [{"id": "1", "to": "2"}]),
        (b"id,to,date_start\n1,2", [{"id": "1", "to": "2"}]),
        (b"call_id,start_time\r1,2\r", [{"call_id": "1", "start_time": "2"}]),
        # What spreadsheets put before a table, and names as people write them.
        (b'\xef\xbb\xbf"ID", To ,DATE_START\r\n1,2\r\n', [{"id": "1", "to": "2"}]),
        # Empty cells, cells that are not there, lines that hold nothing.
        (b"id,to,date_start\r\n1,,\r\n\r\n2\r\n", [{"id": "1"}, {"id": "2"}]),
        (b'id,to,date_start\r\n"1","a,""b""\r\nc"\r\n', [{"id": "1", "to": 'a,"b"\r\nc'}]),
        (b"id,date_start\r\n caf\xc3\xa9 \xff\x00\r\n", [{"id": " café \ufffd\ufffd"}]),
        (b"id,date_start\r\n" + b"x" * 200_000 + b"\r\n", [{"id": "x" * 200_000}]),
        (b"id,date_start\r\n", []),
        (b"", []),
    ],
)
def test_rows_are_read_as_they_were_written(table: bytes, expected: list[dict[str, str]]) -> None:
    """Quotes, line ends, byte order marks and long fields are read correctly."""
    assert rows(packed(table)) == expected


def test_all_tables_are_read() -> None:
    """A file that was made in parts must not be taken for its first part."""
    file = packed(b"id,date_start\r\n1\r\n", b"id,date_start\r\n2\r\n", name="REPORT.CSV")

    assert rows(file) == [{"id": "1"}, {"id": "2"}]


def test_rows_come_in_batches() -> None:
    """A million rows at once would not fit into memory."""
    table = "".join(f"{number}\r\n" for number in ["id,date_start", *range(2500)]).encode()

    assert [len(batch) for batch in batches(packed(table))] == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"id,date_start\r\n1,2,3\r\n", "a row of the report has 3 fields, but there are 2"),
        (b"id,date_start\r\n,\r\n", "a row of the report has no values"),
        (b"id;date_start;to\r\n1;2;3\r\n", "no column `id` or `call_id`; .* semicolons"),
        (b"id\tdate_start\r\n1\t2\r\n", "no column `id` or `call_id`; .* tabs"),
        (b"name,city\r\na,b\r\n", "no column `id` or `call_id`$"),
        (b"id,to\r\n1,2\r\n", "no column `date_start` or `start_time`$"),
        ("id,date_start\r\n1,2\r\n".encode("utf-16"), "no column `id` or `call_id`"),
        (b"id,to,Id\r\n1,2,3\r\n", "two columns of the same name"),
    ],
)
def test_an_invalid_table_is_refused(table: bytes, message: str) -> None:
    """A value that belongs to no column would be lost, or stand in another's place."""
    with pytest.raises(BadAnswer, match=message):
        rows(packed(table))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not a complete zip archive"),
        (b"id,to\r\n1,2\r\n", "not a complete zip archive"),
        (b"PK\x05\x06" + bytes(18), "contains no CSV"),
    ],
)
def test_a_file_that_is_not_an_archive_of_a_table_is_refused(body: bytes, message: str) -> None:
    """A page that says that the service is down is no report without calls."""
    with pytest.raises(BadAnswer, match=message):
        check(io.BytesIO(body))


ROWS = [{"id": str(n), "start_time": str(n * 7919), "note": "call"} for n in range(300)]
TABLE = "id,start_time,note\r\n" + "".join(f"{n},{n * 7919},call\r\n" for n in range(300))
WHOLE = packed(TABLE.encode()).read()


@pytest.mark.parametrize("method", [12, 14, 99])
def test_an_unsupported_compression_method_is_refused(method: int) -> None:
    """A changed byte may name a packing that fails in ways of its own: bzip2, LZMA, or none."""
    body = bytearray(WHOLE)
    body[body.index(b"PK\x01\x02") + 10] = method

    with pytest.raises(BadAnswer, match="not a complete zip archive"):
        check(io.BytesIO(body))


@given(at=st.integers(0, len(WHOLE) - 1), bits=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_refused_or_has_all_rows(at: int, bits: int, *, cut: bool) -> None:
    """Wherever a file is cut or changed, it is refused, or all its rows are what they were."""
    body = bytearray(WHOLE[:at] if cut else WHOLE)
    if not cut:
        body[at] ^= bits
    file = io.BytesIO(body)
    try:
        check(file)
    except BadAnswer:
        return
    assert [row for batch in batches(file) for row in batch] == ROWS
