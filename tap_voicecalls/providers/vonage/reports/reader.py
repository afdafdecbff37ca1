"""Reads a range of time by asynchronous reports: month by month, and product by product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.json import encode

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.vonage.ranges import months
from tap_voicecalls.providers.vonage.reports.downloads import downloaded
from tap_voicecalls.providers.vonage.reports.file import batches
from tap_voicecalls.providers.vonage.reports.lifecycle import Reports
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.records.raw_json import RawJson
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.read_context import CompletedWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.providers.vonage.reports.downloads import ReportFile
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext

    MakeRows = Callable[[RawJson, Mapping[str, Any], Identities], list[Row]]


def read_by_report(
    context: ReadContext, account_id: str, span: Window, now: datetime, make_rows: MakeRows
) -> Iterator[CompletedWindow]:
    """Yield the rows of each month; the bookmark moves when a month is complete.

    Args:
        context: The read context of the account.
        account_id: The Vonage account whose calls are read.
        span: The time to read.
        now: When the run began.
        make_rows: Makes rows of an array of records, given the fields that all of them share and
            the identities of the earlier records of the report.
    """
    reports = Reports(context, account_id, context.parts, now)
    for one in downloaded(reports, months(span)):
        for file in one.files:
            for rows in _rows_of(file, make_rows):
                yield CompletedWindow(rows, one.piece.start)
        if one.is_complete:
            yield CompletedWindow([], one.piece.end)


def _rows_of(file: ReportFile, make_rows: MakeRows) -> Iterator[list[Row]]:
    request, reported = file.request, file.request.report.rows
    count, identities, common = 0, Identities(), {"product": request.product}
    for batch in batches(file.content):
        count += len(batch)
        if reported is not None and count > reported:
            break
        yield in_order(make_rows(RawJson(encode(batch)), common, identities))
    if reported not in {None, count}:
        msg = (
            f"Vonage reports {reported} records in {request}, but its file has {count}; try again "
            "later or set `vonage.mode` to `sync`, and ask Vonage if this persists"
        )
        raise BadAnswer(msg)
