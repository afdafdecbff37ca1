"""Streams of APIs that filter by time: windows, each read whole, several at once."""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from tap_voicecalls.common.errors import ApiError
from tap_voicecalls.common.windows import Window
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.rows.row_store import RowStore, merged
from tap_voicecalls.streams.base import CallStream
from tap_voicecalls.streams.edges import Edges
from tap_voicecalls.streams.paging.list_reader import ListOf, WindowTooLarge
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.window_length import WindowLength

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from singer_sdk import Tap
    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paging.paginators import Page, Paginator, SentPage
    from tap_voicecalls.streams.read_context import ReadContext

Token = TypeVar("Token")

_NOTHING = timedelta(0)
_TICK = timedelta(microseconds=1)
# How one part of an account's lists is refused while the others are not.
_REFUSALS = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


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


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of the reading of one window.

    Attributes:
        window: The window.
        lists: The rows of each of its lists.
        parts: The parts of which those lists are.
        divided: The windows to read in its place.
    """

    window: Window
    lists: Sequence[RowStore] = ()
    parts: tuple[str, ...] = ()
    divided: Sequence[Window] = ()


class WindowedStream(CallStream, Generic[Token]):
    """A stream whose API filters by time: each window is read whole, several at once.

    Attributes:
        window: How long a window is at the most.
        windows_at_once: How many windows are read at once at the most; None for no such limit.
        tells_total: Whether the API says with the first page how many records there are in all.
        reach_before: How far a request reaches beyond the start of its window.
        reach_after: How far it reaches beyond the end.
        rows_in_memory: How many rows of a list are held in memory; more go to a temporary file.
        bytes_in_memory: How many bytes the records of those may have together.
        divided_above: A window is divided if its first page says that it holds more records: after
            each part comes a STATE, so there is less to read again after an interruption.
        shortest_window: How short windows become for the number of their records.
        rows_under_way: How many rows all windows that are read at once may hold, about: they lie
            on the disk, and an interruption loses them.
    """

    window: ClassVar[timedelta]
    windows_at_once: ClassVar[int | None] = None
    tells_total: ClassVar[bool] = False
    reach_before: ClassVar[timedelta] = _NOTHING
    reach_after: ClassVar[timedelta] = _NOTHING
    rows_in_memory: ClassVar[int] = 2_000
    bytes_in_memory: ClassVar[int] = 1 << 24
    divided_above: ClassVar[int] = 2_000
    shortest_window: ClassVar[timedelta] = timedelta(minutes=1)
    rows_under_way: ClassVar[int] = 200_000

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, accounts, run)
        self._open_windows = _Open()

    @abc.abstractmethod
    def get_http_request(self, *, page: PageContext[Token]) -> HTTPRequest:
        """Describe the request for one page: the only place that knows the API's parameters."""

    @abc.abstractmethod
    def get_new_paginator(self) -> Paginator[Token]:
        """Return how the list is paged."""

    @abc.abstractmethod
    def parse_page(self, answer: Answer, *, page: PageContext[Token]) -> SentPage:
        """Find the records, and what the server says of the rest, in an answer.

        Raises:
            BadAnswer: The answer is not what the API promises.
        """

    def filter_to_window(self, rows: Iterable[Row], window: Window) -> Iterable[Row]:  # noqa: ARG002
        """Return those rows that came for a window that are wanted: all of them.

        Even if its own time lies elsewhere: the server may not send it for any other window.
        """
        return rows

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield the slices of each window, reading ahead."""
        yield from self._read_spans(context, context.span)

    def _read_spans(self, context: ReadContext, *spans: Window) -> Iterator[CompletedWindow]:
        """Yield the slices of each window of adjoining spans; no window is of two of them."""
        length = WindowLength(
            self.window,
            self.shortest_window,
            under_way=self.rows_under_way,
            known=self.tells_total,
        )
        whole = Window(spans[0].start, spans[-1].end)
        edges = Edges(whole, self.reach_before, self.reach_after)
        windows = chain.from_iterable(span.cut(length) for span in spans)
        for found in self._read_windows(context, windows, length):
            yield from self._slices_of(found, edges)
            edges.close()

    def _read_windows(
        self, context: ReadContext, windows: Iterable[Window], length: WindowLength
    ) -> Iterator[_Found]:
        """Read windows in order, and in place of one that is divided its parts."""
        fetch = partial(self._read_window, context, length)
        for found in read_ahead(fetch, windows, partial(self._windows_at_once, length)):
            if found.divided:
                yield from self._read_windows(context, found.divided, length)
            else:
                yield found

    def _slices_of(self, found: _Found, edges: Edges) -> Iterator[CompletedWindow]:
        """Yield the rows of a window; it is complete after the last slice."""
        window = found.window
        chunks = merged(found.lists, self.rows_in_memory, self.bytes_in_memory)
        last: list[Row] = []
        for number, chunk in enumerate(chunks):
            if number:
                yield CompletedWindow(last, window.start, found.parts)
            last = edges.filter_to_window(list(self.filter_to_window(chunk, window)), window)
        yield CompletedWindow(last, window.end, found.parts)

    def _read_window(self, context: ReadContext, length: WindowLength, window: Window) -> _Found:
        """Read one window whole, or say how to divide it.

        Raises:
            ApiError: The provider refuses.
            BadAnswer: It does not add up, however often it is read.
        """
        with self._open_windows:
            try:
                found = self._read_parts(context, window)
            except WindowTooLarge as unwieldy:
                # Those that come after are cut shorter as well, rather than read twice.
                length.shorten((window.end - window.start) / unwieldy.parts)
                return _Found(window, divided=window.divided(unwieldy.parts))
        # Noted here, and not once it is written: the windows after it are cut before that.
        rows = sum(map(len, found.lists))
        length.held(window.end - window.start, rows, self.divided_above // 4)
        return found

    def _read_parts(self, context: ReadContext, window: Window) -> _Found:
        """Read each part of a window; one that is refused does not take the others along."""
        lists: dict[str, RowStore] = {}
        for part in context.parts:
            if part in context.refused:
                continue
            store = RowStore(self.rows_in_memory, self.bytes_in_memory)
            try:
                self._list_of(context, window, part).read_into(store)
            except ApiError as error:
                if not part or error.status not in _REFUSALS:
                    raise
                context.refused.setdefault(part, str(error))
                continue
            lists[part] = store
        return _Found(window, list(lists.values()), tuple(lists))

    def _list_of(self, context: ReadContext, window: Window, part: str) -> ListOf:
        identities = Identities()
        fetch = partial(self._fetch_page, context, window, part, identities)
        asked = Window(window.start - self.reach_before, window.end + self.reach_after + _TICK)
        if not self.reach_after:
            asked = Window(asked.start, window.end)
        return ListOf(
            window,
            self.get_new_paginator,
            fetch,
            partial(self._fetch_pages, fetch),
            lambda rows: context.strays.check(rows, window, asked),
            identities,
            self.divided_above,
            self.shortest_window,
            may_be_capped=self.tells_total,
        )

    def _fetch_pages(
        self, fetch: Callable[[Token], Page], tokens: Sequence[Token]
    ) -> Iterable[Page]:
        """Fetch pages, as many at once as the other windows leave over."""
        at_once = self._pages_at_once
        return read_ahead(fetch, tokens, at_once) if at_once() > 1 else map(fetch, tokens)

    def _windows_at_once(self, length: WindowLength) -> int:
        at_once = self.requests_at_once()
        return length.at_once(min(self.windows_at_once or at_once, at_once))

    def _pages_at_once(self) -> int:
        return math.ceil(self.requests_at_once() / self._open_windows.count)

    def _fetch_page(
        self,
        context: ReadContext,
        window: Window,
        part: str,
        identities: Identities,
        token: Token | None,
    ) -> Page:
        page = PageContext(context.account, window, part, token)
        sent = self.parse_page(context.ask(self.get_http_request(page=page)), page=page)
        return sent.holding(self.rows(context, sent.records, sent.common, identities))


class _Open:
    """Counts those that are within; safe to share between threads."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.count -= 1
