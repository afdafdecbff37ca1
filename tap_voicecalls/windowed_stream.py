"""Streams of APIs that filter by time: windows, each read whole, several at once."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from tap_voicecalls.pagination import walk
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.stream import CallStream, Slice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.pagination import Page, Paginator
    from tap_voicecalls.provider import Account
    from tap_voicecalls.windows import Window

    Record = dict[str, Any]

Token = TypeVar("Token")


@dataclass(frozen=True, slots=True)
class PageContext(Generic[Token]):
    """What one request is about.

    Attributes:
        account: Whose calls are read.
        window: The stretch of time that is read.
        part: The part of the list that is read, where an API has only lists of parts.
        token: Which page is asked for; None for the first of some ways of paging.
    """

    account: Account
    window: Window
    part: str
    token: Token | None


class WindowedStream(CallStream, Generic[Token]):
    """A stream whose API filters by time: each window is read whole, several at once.

    Attributes:
        window: How long a window is at the most.
    """

    window: ClassVar[timedelta]

    @abc.abstractmethod
    def get_http_request(self, *, page: PageContext[Token]) -> HTTPRequest:
        """Describe the request for one page: the only place that knows the API's parameters."""

    @abc.abstractmethod
    def get_new_paginator(self) -> Paginator[Token]:
        """Return how the list is paged."""

    @abc.abstractmethod
    def parse_page(self, answer: Any, *, page: PageContext[Token]) -> Page:  # noqa: ANN401
        """Find the records, and what the server says of the rest, in a decoded answer.

        Raises:
            BadAnswer: The answer is not what the API promises.
        """

    def parts(self, account: Account) -> Sequence[str]:  # noqa: ARG002 - for those that have parts
        """Return the parts the list is asked for in; most APIs have one list."""
        return ("",)

    def belongs(self, record: Record, window: Window) -> bool:
        """Tell whether a record that came for a window is part of it."""
        return self.started_in(record, window)

    def read(self, account: Account, span: Window) -> Iterator[Slice]:
        """Yield a slice for each window, reading ahead."""
        fetch = partial(self.fetch_window, account)
        yield from read_ahead(fetch, span.cut(self.window), self.config["concurrency"])

    def fetch_window(self, account: Account, window: Window) -> Slice:
        """Read one window whole."""
        return Slice(self.in_order(self.listed(account, window)), window.end)

    def listed(self, account: Account, window: Window) -> Iterator[Record]:
        """Yield the conformed records of a window as the lists of its parts have them."""
        for part in self.parts(account):
            fetch = partial(self._fetch_page, account, window, part)
            for page in walk(self.get_new_paginator(), fetch):
                records = (self.conformed(account, sent) for sent in page.items)
                yield from (record for record in records if self.belongs(record, window))

    def _fetch_page(self, account: Account, window: Window, part: str, token: Token | None) -> Page:
        page = PageContext(account, window, part, token)
        return self.parse_page(self.ask(account, self.get_http_request(page=page)), page=page)
