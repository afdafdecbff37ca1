"""The stream of call detail records. Source: developers.telnyx.com, detail-records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.pagination import PageNumberPaginator
from tap_voicecalls.providers.telnyx.pages import parsed
from tap_voicecalls.times import format_time
from tap_voicecalls.windowed_stream import PageContext, WindowedStream
from tap_voicecalls.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.pagination import SentPage
    from tap_voicecalls.provider import Account
    from tap_voicecalls.reading import Reading, Slice
    from tap_voicecalls.row import Row

_PAGE_SIZE = 50
_LONGEST_CALL = timedelta(hours=24)


class TelnyxDetailRecords(WindowedStream[int]):
    """Call detail records, one list a record type.

    The filter is half-open, but on the time a record was made, which is no field of it and comes
    once the call ended. The bookmark is a time of that kind; which calls are wanted goes by their
    start all the same.
    """

    name = "telnyx_detail_records"
    path = "/detail_records"
    primary_keys = ("account", "id")
    replication_key = "started_at"
    identified_by = "id"
    window = timedelta(days=1)
    tells_total = True

    def parts(self, account: Account) -> Sequence[str]:
        """Record types are asked for one by one."""
        return tuple(dict.fromkeys(account.settings["record_types"]))

    def read(self, reading: Reading) -> Iterator[Slice]:
        """Read on past the end for the records of calls that started before it."""
        span = reading.span
        reach = min(span.end + _LONGEST_CALL, self.now)
        beyond = Window(max(span.start, span.end), reach)
        for part in self._read_spans(reading, span, beyond):
            yield replace(part, complete_to=min(part.complete_to, span.end))

    def get_new_paginator(self) -> PageNumberPaginator:
        """Count pages up to the number the server tells."""
        return PageNumberPaginator(_PAGE_SIZE)

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Ask for a record type in a window, oldest first."""
        return HTTPRequest(
            self.path,
            params={
                "filter[record_type]": page.part,
                "filter[created_at][gte]": format_time(page.window.start),
                "filter[created_at][lt]": format_time(page.window.end),
                "page[number]": page.token or 1,
                "page[size]": _PAGE_SIZE,
                "sort": "created_at",
            },
            safe_query_chars="[]",
        )

    def parse_page(self, answer: Answer, *, page: PageContext[int]) -> SentPage:
        """Read ``{"data": […], "meta": {…}}``; what is asked for is what the records are."""
        return replace(parsed(answer), common={"record_type": page.part})

    def of_window(self, rows: Iterable[Row], window: Window) -> Iterable[Row]:
        """Take what the server picks for the window, if the user wants calls of its time.

        Those that tell no start go by their window: past the end they are another run's.
        """
        wanted = [row for row in rows if not row.time or self.bounds.holds(row.time)]
        return wanted if window.start < self.bounds.end else [row for row in wanted if row.time]
