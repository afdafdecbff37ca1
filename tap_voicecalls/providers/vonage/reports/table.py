"""The table of a report, in CSV: its rows, some at a time. No HTTP."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

Fields = dict[str, str]

LONGEST_LINE = 16 << 20
"""Characters of a line, and of a field, which may have several lines: a record has 1 KiB."""
MOST_ROWS = 10_000_000
"""Rows of a table: Vonage makes reports of under 7 million records."""
_ROWS_AT_ONCE = 1_000
# Characters after which a batch ends before it has that many rows; a usual one has a tenth of it.
_BATCH_LENGTH = 4 << 20
_NUL = "\0"
# Columns of which a report has at least one: what tells a record apart, and when it started.
_NEEDED = (("id", "call_id"), ("date_start", "start_time"))
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def batches_of(table: IO[bytes]) -> Iterator[list[Fields]]:
    """Yield the rows of a table; a field that is empty is left out, for CSV has no other null.

    Raises:
        BadAnswer: It is no table of a report.
    """
    # For the whole process, which reads no other CSV.
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
    """The lines of a text, none of them longer than is allowed.

    Args:
        text: The text.

    Attributes:
        length: How many characters were read since this was last set to 0.
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
            # NUL becomes U+FFFD, as in all other text: targets cannot store it.
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
            msg = f"a row of the report has {len(cells)} fields, but there are {len(header)}"
            raise BadAnswer(msg)
        if cells:  # not an empty line
            if not (row := {n: cell for n, cell in zip(header, cells, strict=False) if cell}):
                msg = "a row of the report has no values"
                raise BadAnswer(msg)
            yield row


def _check_header(header: list[str]) -> None:
    """Refuse what is no table of records, rather than read rows of nothing from it.

    Raises:
        BadAnswer: It is not.
    """
    if len(set(header)) < len(header):
        msg = "the report's table has two columns of one name"
        raise BadAnswer(msg)
    for names in _NEEDED:
        if not set(names) & set(header):
            found = [word for sign, word in _OTHER_DELIMITERS.items() if sign in "".join(header)]
            hint = f"; it seems to be delimited by {found[0]} in place of commas" if found else ""
            told = " or ".join(f"`{name}`" for name in names)
            msg = f"the report's table has no column {told}{hint}"
            raise BadAnswer(msg)
