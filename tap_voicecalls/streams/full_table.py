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
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import ReadContext


class FullTableStream(CallStream):
    """A small list without a time filter, such as the agents of an account.

    It has no replication key and no bookmark. Rows that a provider deletes stay at the target.

    Attributes:
        page_size: The most records of a page; None if the list has no pages.
        names_next_page: Whether a page names the next one by a cursor.
        most_pages: The most pages that are read.
    """

    replication_key = None
    by_time = False
    page_size: ClassVar[int | None] = None
    names_next_page: ClassVar[bool] = False
    most_pages: ClassVar[int] = 1_000

    @abc.abstractmethod
    def get_http_request(self, skip: int, cursor: str | None) -> HTTPRequest:
        """Describe the request for the records after the first ones, or for those at a cursor."""

    @abc.abstractmethod
    def parse_page(self, answer: Answer) -> Page:
        """Find the array of records in a response, and the cursor of the next page."""

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the list; but not in each part of a large backfill."""
        if not (self.config.get("only") and self.is_of_the_past):
            yield CompletedWindow(in_order(self._rows(context)), context.span.end)

    def _rows(self, context: ReadContext) -> Sequence[Row]:
        """Read pages until none is named, or one brings nothing new: a page may be short.

        Raises:
            BadAnswer: The list does not end, or the server repeats a full page.
        """
        rows: dict[object, Row] = {}
        cursor, used = None, set[object]()
        for _ in range(self.most_pages):
            parsed = self.parse_page(context.ask(self.get_http_request(len(rows), cursor)))
            page = self.rows(context, parsed.items)
            known = len(rows)
            rows.update((row.key, row) for row in page)
            if self.names_next_page:
                if not isinstance(parsed.next, str):
                    return list(rows.values())
                cursor = parsed.next
                if cursor in used:
                    msg = "pagination loop: next-page token already used"
                    raise BadAnswer(msg)
                used.add(cursor)
                continue
            if self.page_size is None or not page:
                return list(rows.values())
            if len(rows) == known:
                if len(page) < self.page_size:
                    return list(rows.values())
                msg = "the server ignored the paging parameter and repeated a page"
                raise BadAnswer(msg)
        msg = f"the list has more than {self.most_pages} pages"
        raise BadAnswer(msg)
