"""Streams that are read whole in each run: agents, assistants, phone numbers."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.base import CallStream
from tap_voicecalls.streams.read_context import CompletedWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.raw_json import RawJson
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext


class FullTableStream(CallStream):
    """A small list without a time filter, such as the agents of an account.

    It has no replication key and no bookmark. Rows that a provider deletes stay at the target.

    Attributes:
        page_size: The most records of a page; None if the list has no pages.
        most_pages: The most pages that are read.
    """

    replication_key = None
    by_time = False
    page_size: ClassVar[int | None] = None
    most_pages: ClassVar[int] = 1_000

    @abc.abstractmethod
    def get_http_request(self, skip: int) -> HTTPRequest:
        """Describe the request for the records after the first ones."""

    @abc.abstractmethod
    def parse_page(self, answer: Answer) -> RawJson:
        """Find the array of records in a response."""

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the list; but not in each part of a large backfill."""
        if not (self.config.get("only") and self.is_of_the_past):
            yield CompletedWindow(in_order(self._rows(context)), context.span.end)

    def _rows(self, context: ReadContext) -> Sequence[Row]:
        """Read pages until one brings nothing new: a server may have shorter pages than requested.

        Raises:
            BadAnswer: The list does not end, or the server repeats a full page.
        """
        rows: dict[object, Row] = {}
        for _ in range(self.most_pages):
            request = self.get_http_request(len(rows))
            page = self.rows(context, self.parse_page(context.ask(request)))
            known = len(rows)
            rows.update((row.key, row) for row in page)
            if self.page_size is None or not page:
                return list(rows.values())
            if len(rows) == known:
                if len(page) < self.page_size:
                    return list(rows.values())
                msg = "the server ignored the paging parameter and repeated a page"
                raise BadAnswer(msg)
        msg = f"the list has more than {self.most_pages} pages"
        raise BadAnswer(msg)
