"""Streams whose API returns lists page by page."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tap_voicecalls.streams.base import ProviderStream
from tap_voicecalls.streams.paging.iterate_pages import iterate_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.records.identity import Identities
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.paging.paginators import Paginator
    from tap_voicecalls.streams.read_context import ReadContext

Token = TypeVar("Token")


@dataclass(frozen=True, slots=True)
class PageContext(Generic[Token]):
    """What one request asks for.

    Attributes:
        account: The account.
        window: The time to read.
        part: The part of the list, if the API has only lists of parts.
        token: The page; None for the first page of some ways of paging.
    """

    account: Account
    window: Window
    part: str
    token: Token | None


class PagedStream(ProviderStream, Generic[Token]):
    """A stream that describes the requests for its pages and parses the responses."""

    @abc.abstractmethod
    def get_http_request(self, *, page: PageContext[Token]) -> HTTPRequest:
        """Describe the request for one page: the only place that knows the API's parameters."""

    @abc.abstractmethod
    def get_new_paginator(self) -> Paginator[Token]:
        """Return a paginator for one list."""

    @abc.abstractmethod
    def parse_page(self, answer: Answer, *, page: PageContext[Token]) -> Page:
        """Find the array of records in a response, and what it says about the rest of the list.

        Raises:
            BadAnswer: The response is not what the API promises.
        """

    def pages(
        self,
        context: ReadContext,
        window: Window,
        part: str = "",
        request: Callable[..., HTTPRequest] | None = None,
    ) -> Iterator[Page]:
        """Yield the pages of a list that is not a window's, one after the other, with their rows.

        Args:
            context: The read.
            window: The time to read.
            part: The part of the list.
            request: Describes the request for a page; :meth:`get_http_request` by default.

        Raises:
            BadAnswer: The list does not end.
        """
        describe = request or self.get_http_request

        def fetch(token: Token | None) -> Page:
            page = PageContext(context.account, window, part, token)
            return self.fetch_page(context, describe(page=page), page)

        return iterate_pages(self.get_new_paginator(), fetch)

    def fetch_page(
        self,
        context: ReadContext,
        request: HTTPRequest,
        page: PageContext[Token],
        identities: Identities | None = None,
    ) -> Page:
        """Send the request for a page and return its rows."""
        raw = self.parse_page(context.ask(request), page=page)
        return raw.with_rows(self.rows(context, raw.items, raw.common, identities))
