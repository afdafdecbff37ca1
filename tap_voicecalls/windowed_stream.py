"""Streams of APIs that filter by time: windows, each read whole, several at once."""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass
from functools import partial
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from tap_voicecalls.errors import BadAnswer
from tap_voicecalls.pagination import walk
from tap_voicecalls.read_ahead import read_ahead
from tap_voicecalls.reading import Slice
from tap_voicecalls.stream import CallStream

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from datetime import timedelta

    from singer_sdk import Tap
    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.answers import Answer
    from tap_voicecalls.pagination import Page, Paginator, SentPage
    from tap_voicecalls.provider import Account
    from tap_voicecalls.reading import Reading
    from tap_voicecalls.row import Row
    from tap_voicecalls.run import Run
    from tap_voicecalls.windows import Window

Token = TypeVar("Token")

# A window is divided when it holds more: so many records are held in memory for each request.
_MOST_RECORDS = 2_000
_MOST_PARTS = 30
# How often a list is read that does not add up and cannot be divided any more.
_MOST_READINGS = 10


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
        windows_at_once: How many windows are read at once at the most; None for no such limit.
        tells_total: Whether the API says with the first page how many records there are in all.
    """

    window: ClassVar[timedelta]
    windows_at_once: ClassVar[int | None] = None
    tells_total: ClassVar[bool] = False

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, accounts, run)
        self._longest = self.window
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

    def parts(self, account: Account) -> Sequence[str]:  # noqa: ARG002 - for those that have parts
        """Return the parts the list is asked for in; most APIs have one list."""
        return ("",)

    def of_window(self, rows: Iterable[Row], window: Window) -> Iterable[Row]:
        """Leave out what came for a window, but is no part of it."""
        start, end = window.as_told
        return [row for row in rows if not row.time or start <= row.time < end]

    def read(self, reading: Reading) -> Iterator[Slice]:
        """Yield a slice for each window, reading ahead."""
        yield from self._read_spans(reading, reading.span)

    def fetch_window(self, reading: Reading, window: Window) -> list[Row]:
        """Read one window whole, in order and each record once.

        Raises:
            Unwieldy: It must be divided first.
            BadAnswer: It does not add up, however often it is read.
        """
        found: dict[Hashable, Row] = {}
        for part in self.parts(reading.account):
            found |= self._counted(reading, window, part)
        return sorted(self.of_window(found.values(), window))

    def _read_spans(self, reading: Reading, *spans: Window) -> Iterator[Slice]:
        """Yield a slice for each window of adjoining spans; no window is of two of them."""
        windows = chain.from_iterable(span.cut(lambda: self._longest) for span in spans)
        yield from self._read_windows(reading, windows)

    def _read_windows(self, reading: Reading, windows: Iterable[Window]) -> Iterator[Slice]:
        fetch = partial(self._fetch_or_divide, reading)
        for window, rows, parts in read_ahead(fetch, windows, self._windows_at_once):
            if parts:
                yield from self._read_windows(reading, parts)
            else:
                yield Slice(rows, window.end)
                if len(rows) < _MOST_RECORDS / 4:
                    self._longest = min(self.window, self._longest * 2)

    def _fetch_or_divide(
        self, reading: Reading, window: Window
    ) -> tuple[Window, list[Row], Sequence[Window]]:
        with self._open_windows:
            try:
                return window, self.fetch_window(reading, window), ()
            except Unwieldy as unwieldy:
                return window, [], window.divided(unwieldy.parts)

    def _counted(self, reading: Reading, window: Window, part: str) -> dict[Hashable, Row]:
        """Read a list, by key, until as many records came as the server says there are."""
        fetch = partial(self._fetch_page, reading, window, part)
        count = Count()
        for _ in range(_MOST_READINGS):
            count.begin()
            paginator = self.get_new_paginator()
            for page in walk(paginator, fetch, partial(self._fetch_pages, fetch)):
                count.add(page)
                if (most := max(len(count.rows), count.total)) > _MOST_RECORDS:
                    self._divide(window, min(math.ceil(most / _MOST_RECORDS), _MOST_PARTS))
            if count.adds_up and not (paginator.drifts and count.may_have_drifted):
                return count.rows
            if count.filled_pages > 1 and window.can_be_divided:
                # Records with one start may swap places between two pages; fewer pages help.
                raise Unwieldy
        msg = (
            f"the server counts {count.total} records, but sends only {len(count.rows)}; "
            "try again later, and ask the provider if it stays so"
        )
        raise BadAnswer(msg)

    def _divide(self, window: Window, parts: int) -> None:
        if window.can_be_divided:
            # Those that come after are cut shorter as well, rather than read twice.
            self._longest = min(self._longest, (window.end - window.start) / parts)
            raise Unwieldy(parts)

    def _fetch_pages(
        self, fetch: Callable[[Token], Page], tokens: Sequence[Token]
    ) -> Iterable[Page]:
        """Fetch pages, as many at once as the other windows leave over."""
        at_once = self._pages_at_once
        return read_ahead(fetch, tokens, at_once) if at_once() > 1 else map(fetch, tokens)

    def _windows_at_once(self) -> int:
        at_once = self.requests_at_once()
        return min(self.windows_at_once or at_once, at_once)

    def _pages_at_once(self) -> int:
        return math.ceil(self.requests_at_once() / self._open_windows.count)

    def _fetch_page(self, reading: Reading, window: Window, part: str, token: Token | None) -> Page:
        page = PageContext(reading.account, window, part, token)
        sent = self.parse_page(reading.ask(self.get_http_request(page=page)), page=page)
        return sent.holding(self.rows(reading, sent.records, sent.common))


class Unwieldy(Exception):  # noqa: N818 - a turn of the reading, not an error
    """A window holds too much to be read in one go.

    Args:
        parts: How many windows to divide it into.
    """

    def __init__(self, parts: int = 2) -> None:
        super().__init__(parts)
        self.parts = parts


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


class Count:
    """What came of a list in some readings, against what the server says there is in the last."""

    def __init__(self) -> None:
        self.rows: dict[Hashable, Row] = {}
        self.begin()

    def begin(self) -> None:
        """Take note that the list is read from its start; what came before still counts."""
        self.filled_pages = 0
        self.total = 0
        self._told = False
        self._known = len(self.rows)

    def add(self, page: Page) -> None:
        """Take in a page of rows."""
        self.filled_pages += bool(page.items)
        self._told |= page.total is not None
        self.total = max(self.total, page.total or 0)
        self.rows.update([(row.key, row) for row in page.items])

    @property
    def adds_up(self) -> bool:
        """Whether nothing is missing of the most that the server spoke of in this reading."""
        return len(self.rows) >= self.total

    @property
    def may_have_drifted(self) -> bool:
        """Whether a list without a total brought something new, over more pages than one."""
        return not self._told and self.filled_pages > 1 and len(self.rows) > self._known
