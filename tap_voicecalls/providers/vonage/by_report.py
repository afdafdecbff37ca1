"""Reading by asynchronous reports: month by month, and of each month product by product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.json import encode

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.providers.vonage.asynchronous import PIECES_AT_ONCE, Reports
from tap_voicecalls.providers.vonage.ranges import months
from tap_voicecalls.providers.vonage.report_file import batches
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.records.raw_json import RawJson
from tap_voicecalls.rows.row import Row, in_order
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.read_context import CompletedWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.providers.vonage.asynchronous import ReportRequest
    from tap_voicecalls.providers.vonage.reports import VonageVoiceReports
    from tap_voicecalls.streams.read_context import ReadContext


def by_report(
    stream: VonageVoiceReports, context: ReadContext, account_id: str, span: Window
) -> Iterator[CompletedWindow]:
    """Yield the rows of each month as they come; the bookmark moves once it is whole.

    Args:
        stream: What makes rows of records.
        context: What they are read for.
        account_id: Whose calls they are.
        span: The time that is read.
    """
    reports = Reports(context, account_id, context.parts, stream.now)
    for piece, orders in read_ahead(reports.of_piece, months(span), lambda: PIECES_AT_ONCE):
        for order in orders:
            for rows in _rows_of(stream, context, reports, order):
                yield CompletedWindow(rows, piece.start)
        yield CompletedWindow([], piece.end)


def _rows_of(
    stream: VonageVoiceReports, context: ReadContext, reports: Reports, order: ReportRequest
) -> Iterator[list[Row]]:
    for found, file in reports.files(order):
        count, identities, common = 0, Identities(), {"product": found.product}
        for batch in batches(file):
            count += len(batch)
            if found.report.rows is not None and count > found.report.rows:
                break
            sent = RawJson(encode(batch))
            yield in_order(stream.rows(context, sent, common, identities))
        if found.report.rows not in {None, count}:
            msg = (
                f"Vonage reports {found.report.rows} records in {found}, but its file has {count}; "
                "try again later or set `vonage.mode` to `sync`, and ask Vonage if this persists"
            )
            raise BadAnswer(msg)
