"""The file of an asynchronous report: a zip archive with one CSV (Vonage Reports API reference)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from tap_voicecalls.simulator.api import Record

# The columns of a table without rows.
_NO_ROWS: Record = {"account_id": None, "id": None, "date_start": None}
_CUT = 100  # bytes


def archive(name: str, records: list[Record], manner: str) -> bytes:
    """Return records as a table in an archive.

    Args:
        name: The name of the table.
        records: Its rows; a missing or null field is an empty cell.
        manner: "whole", "cut" (the end is missing), "changed" (one byte differs), "no zip", or
            "no csv" (the archive holds another file).
    """
    table = _table(records)
    if manner == "no zip":
        return table.encode()
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as packed:
        packed.writestr("readme.txt" if manner == "no csv" else name, table)
    body = bytearray(written.getvalue())
    if manner == "cut":
        del body[-_CUT:]
    if manner == "changed":
        body[len(body) // 2] ^= 0xFF
    return bytes(body)


def _table(records: list[Record]) -> str:
    columns = list(dict.fromkeys(name for record in records or [_NO_ROWS] for name in record))
    written = io.StringIO(newline="")
    table = csv.DictWriter(written, columns)
    table.writeheader()
    table.writerows(records)
    return written.getvalue()
