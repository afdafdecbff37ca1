"""The CSV table of a report, read in batches of rows. No HTTP."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

Fields = dict[str, str]

LONGEST_LINE = 16 << 20
"""Characters of a line, and of a field, which may span lines: a record has 1 KiB."""
MOST_ROWS = 10_000_000
"""Rows of a table: reports of Vonage have under 7 million records."""
_ROWS_AT_ONCE = 1_000
# Characters after which a batch ends with fewer rows; a usual batch has a tenth of it.
_BATCH_LENGTH = 4 << 20
_NUL = "\0"
# A report has at least one column of each pair: the id of a record, and its start.
_NEEDED = (("id", "call_id"), ("date_start", "start_time"))
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def batches_of(table: IO[bytes]) -> Iterator[list[Fields]]:
    """Yield the rows of a table in batches, without empty fields: they are CSV's null.

    Raises:
        BadAnswer: It is not the table of a report.
    """
    # The limit is that of the process, which reads no other CSV.
    csv.field_size_limit(LONGEST_LINE)
    lines = _Lines(io.TextIOWrapper(table, "utf-8-sig", errors="replace", newline=""))
    batch: list[Fields] = []
    try:
        for count, row in enumerate(_rows(lines), 1):
            batch.append(row)
            if len(batch) == _ROWS_AT_ONCE or lines.length > _BATCH_LENGTH:
                yield batch
                batch, lines.length = [], 0
            if count > MOST_ROWS:
                msg = f"the report's table has more than {MOST_ROWS} rows"
                raise BadAnswer(msg)
    except csv.Error as error:
        msg = f"the report's table cannot be read: {error}"
        raise BadAnswer(msg) from None
    if batch:
        yield batch


class _Lines:
    """The lines of a text, each of limited length.

    Args:
        text: The text.

    Attributes:
        length: The number of characters read since this was last set to 0.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._read = text.readline
        self.length = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._read(LONGEST_LINE + 1):
            self.length += len(line)
            if len(line) > LONGEST_LINE:
                msg = f"the report's table has a line of more than {LONGEST_LINE} characters"
                raise BadAnswer(msg)
            # As in all other texts: targets cannot store NUL.
            yield line.replace(_NUL, "\ufffd") if _NUL in line else line


def _rows(lines: _Lines) -> Iterator[Fields]:
    table = csv.reader(lines)
    names = next(table, None)
    if names is None:
        return
    header = [name.strip().lower() for name in names]
    _check_header(header)
    for cells in table:
        if len(cells) > len(header):
            msg = (
                f"a row of the report has {len(cells)} fields, but there are {len(header)} columns"
            )
            raise BadAnswer(msg)
        if cells:  # not an empty line
            if not (row := {n: cell for n, cell in zip(header, cells, strict=False) if cell}):
                msg = "a row of the report has no values"
                raise BadAnswer(msg)
            yield row


def _check_header(header: list[str]) -> None:
    """Check that the header is that of a table of records.

    Raises:
        BadAnswer: It is not.
    """
    if len(set(header)) < len(header):
        msg = "the report's table has two columns of the same name"
        raise BadAnswer(msg)
    for names in _NEEDED:
        if not set(names) & set(header):
            others = [word for sign, word in _OTHER_DELIMITERS.items() if sign in "".join(header)]
            hint = f"; it seems to be delimited by {others[0]} instead of commas" if others else ""
            needed = " or ".join(f"`{name}`" for name in names)
            msg = f"the report's table has no column {needed}{hint}"
            raise BadAnswer(msg)
