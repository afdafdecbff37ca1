"""Streams of APIs that filter by time: each window is read completely, several concurrently."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, TypeVar

from tap_voicecalls.common.errors import ApiError
from tap_voicecalls.common.windows import Window
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.rows.row_store import BYTES_IN_MEMORY, ROWS_IN_MEMORY, RowStore, merged
from tap_voicecalls.streams.paged import PageContext, PagedStream
from tap_voicecalls.streams.paging.list_reader import WindowList, WindowTooLarge
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.read_context import completed_in_chunks
from tap_voicecalls.streams.refused_statuses import PART_REFUSED
from tap_voicecalls.streams.window_edges import WindowEdges
from tap_voicecalls.streams.window_length import WindowLength

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from singer_sdk import Tap

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.paging.page import Page
    from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext

Token = TypeVar("Token")

_NOTHING = timedelta(0)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _ReadWindow:
    """A window that was read.

    Attributes:
        window: The window.
        lists: The rows of each of its lists.
        parts: The parts that these lists are of.
    """

    window: Window
    lists: Sequence[RowStore]
    parts: tuple[str, ...]


class WindowedStream(PagedStream[Token]):
    """A stream whose API filters by time.

    Attributes:
        window: The longest window.
        windows_at_once: The most windows that are read concurrently; None for no such limit.
        reports_total: Whether the first page says how many records there are in all.
        reach_before: How far a request reaches beyond the start of its window.
        reach_after: How far it reaches beyond the end.
        rows_in_memory: How many rows of a list are held in memory; more go to a temporary file.
        bytes_in_memory: How many bytes the records of those may have together.
        divided_above: A window is divided if its first page reports more records: each of its parts
            is followed by a STATE, so there is less to read again after an interruption.
        shortest_window: The shortest window that is made because of the number of records.
        rows_in_flight: About how many rows all windows that are read concurrently may hold: they
            are on disk, and lost in an interruption.
    """

    window: ClassVar[timedelta]
    windows_at_once: ClassVar[int | None] = None
    reports_total: ClassVar[bool] = False
    reach_before: ClassVar[timedelta] = _NOTHING
    reach_after: ClassVar[timedelta] = _NOTHING
    rows_in_memory: ClassVar[int] = ROWS_IN_MEMORY
    bytes_in_memory: ClassVar[int] = BYTES_IN_MEMORY
    divided_above: ClassVar[int] = 2_000
    shortest_window: ClassVar[timedelta] = timedelta(minutes=1)
    rows_in_flight: ClassVar[int] = 200_000

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, accounts, run)
        self._open_windows = _OpenWindows()

    def filter_to_window(self, rows: list[Row], window: Window, account: Account) -> list[Row]:  # noqa: ARG002
        """Return the rows of a window that are wanted: all that the server sent for it.

        A row whose own time lies elsewhere is wanted too: no other window may bring it.
        """
        return rows

    def requested_window(self, window: Window, account: Account) -> Window:  # noqa: ARG002 - where they differ
        """Return the time that the requests for a window cover."""
        end = window.end + self.reach_after + _TICK if self.reach_after else window.end
        return Window(window.start - self.reach_before, end)

    def is_up_to_now(self, context: ReadContext) -> bool:
        """Return whether a read ends at the present, and is no connection test."""
        has_time = context.span.start < context.span.end
        return has_time and not self.is_of_the_past and not self.is_test

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield completed windows, reading ahead."""
        yield from self._read_spans(context, context.span)

    def _read_spans(self, context: ReadContext, *spans: Window) -> Iterator[CompletedWindow]:
        """Yield the completed windows of adjoining spans; no window is part of two spans."""
        length = WindowLength(
            self.window,
            self.shortest_window,
            in_flight=self.rows_in_flight,
            is_total_reported=self.reports_total,
        )
        whole = Window(spans[0].start, spans[-1].end)
        edges = WindowEdges(whole, self.reach_before, self.reach_after)
        windows = chain.from_iterable(span.cut(length, self.window_grid) for span in spans)
        for result in self._read_windows(context, windows, length):
            yield from self._completed(context, result, edges)
            edges.close_window()

    def _read_windows(
        self, context: ReadContext, windows: Iterable[Window], length: WindowLength
    ) -> Iterator[_ReadWindow]:
        """Read windows in order; a window that is too large is replaced by its parts."""
        fetch = partial(self._read_window, context, length)
        for result in read_ahead(fetch, windows, partial(self._windows_at_once, length)):
            if isinstance(result, _ReadWindow):
                yield result
            else:
                yield from self._read_windows(context, result, length)

    def _completed(
        self, context: ReadContext, result: _ReadWindow, edges: WindowEdges
    ) -> Iterator[CompletedWindow]:
        """Yield the rows of a window in chunks; it is complete after the last."""
        window = result.window
        rows = (
            edges.filter_to_window(self.filter_to_window(chunk, window, context.account), window)
            for chunk in merged(result.lists, self.rows_in_memory, self.bytes_in_memory)
        )
        yield from completed_in_chunks(rows, window.start, window.end, read_parts=result.parts)

    def _read_window(
        self, context: ReadContext, length: WindowLength, window: Window
    ) -> _ReadWindow | list[Window]:
        """Read one window completely, or return the windows to read in its place.

        Raises:
            ApiError: The provider rejects a request.
            BadAnswer: The window does not add up, however often it is read.
        """
        with self._open_windows:
            result = self._read_parts(context, window)
        if isinstance(result, WindowTooLarge):
            # The windows after it become shorter as well, instead of being read twice.
            length.shorten((window.end - window.start) / result.parts)
            return window.divided(result.parts)
        # Here and not after the rows are written: the next windows are cut before that.
        rows = sum(map(len, result.lists))
        length.held(window.end - window.start, rows, self.divided_above // 4)
        return result

    def _read_parts(self, context: ReadContext, window: Window) -> _ReadWindow | WindowTooLarge:
        """Read each part of a window; one that is refused does not stop the others."""
        lists: dict[str, RowStore] = {}
        for part in context.parts:
            if part in context.refused:
                continue
            store = RowStore(self.rows_in_memory, self.bytes_in_memory)
            try:
                too_large = self._list_of(context, window, part).read_into(store)
            except ApiError as error:
                if not part or error.status not in PART_REFUSED:
                    raise
                context.refused.setdefault(part, str(error))
                continue
            if too_large:
                return too_large
            lists[part] = store
        return _ReadWindow(window, list(lists.values()), tuple(lists))

    def _list_of(self, context: ReadContext, window: Window, part: str) -> WindowList:
        identities = Identities()
        requested = self.requested_window(window, context.account)

        def fetch(token: Token | None) -> Page:
            page = PageContext(context.account, window, part, token)
            return self.fetch_page(context, self.get_http_request(page=page), page, identities)

        return WindowList(
            window,
            self.get_new_paginator,
            fetch,
            partial(self._fetch_pages, fetch),
            lambda rows: context.time_filter.check(rows, window, requested),
            identities,
            self.divided_above,
            self.shortest_window,
            may_be_capped=self.reports_total,
        )

    def _fetch_pages(
        self, fetch: Callable[[Token], Page], tokens: Sequence[Token]
    ) -> Iterable[Page]:
        """Fetch pages, as many concurrently as the other windows leave free."""
        at_once = self._pages_at_once
        return read_ahead(fetch, tokens, at_once) if at_once() > 1 else map(fetch, tokens)

    def _windows_at_once(self, length: WindowLength) -> int:
        at_once = self.requests_at_once()
        return length.at_once(min(self.windows_at_once or at_once, at_once))

    def _pages_at_once(self) -> int:
        return math.ceil(self.requests_at_once() / self._open_windows.count)


class _OpenWindows:
    """Counts the windows that are being read; safe to share between threads."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.count -= 1
