"""Streams that are read whole in each run: agents, assistants, phone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.paged import PageContext, PagedStream
from tap_voicecalls.streams.paging.page import Page
from tap_voicecalls.streams.paging.paginators import CursorPaginator, Paginator
from tap_voicecalls.streams.read_context import CompletedWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext

Token = TypeVar("Token")


class FullTableStream(PagedStream[Token]):
    """A small list without a time filter, such as the agents of an account.

    It has no replication key and no bookmark. Rows that a provider deletes stay at the target. By
    default the list is one response; one with pages describes their requests.

    Attributes:
        records_field: The field of a response with the array of records.
        most_pages: The most pages that are read.
    """

    replication_key = None
    by_time = False
    records_field: ClassVar[str]
    most_pages: ClassVar[int] = 1_000

    def get_http_request(self, *, page: PageContext[Token]) -> HTTPRequest:  # noqa: ARG002 - for lists with pages
        """Request the list."""
        return HTTPRequest(self.path)

    def get_new_paginator(self) -> Paginator[Token]:
        """Follow the cursor that a page names."""
        return CursorPaginator()

    def parse_page(self, answer: Answer, *, page: PageContext[Token]) -> Page:  # noqa: ARG002 - all alike
        """Find the array of records."""
        return Page(answer.records(self.records_field))

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Read the list; but not in each part of a large backfill."""
        if not (self.config.get("only") and self.is_of_the_past):
            yield CompletedWindow(in_order(self._rows(context)), context.span.end)

    def _rows(self, context: ReadContext) -> Iterator[Row]:
        for number, page in enumerate(self.pages(context, context.span)):
            if number == self.most_pages:
                msg = f"the list has more than {self.most_pages} pages"
                raise BadAnswer(msg)
            yield from page.items
