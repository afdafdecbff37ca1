"""What one read of an account needs, and the completed windows that it yields."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any

from tap_voicecalls.common.progress import Reading
from tap_voicecalls.common.windows import Window, reading_span, segments
from tap_voicecalls.rows.row import bookmark_cap_of
from tap_voicecalls.streams.time_filter import TimeFilterCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime, timedelta
    from threading import Event

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.calls.normalized import Normalized
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.http.rate_gate import Rate
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.rows.row_context import RowContext


@dataclass(frozen=True, slots=True)
class CompletedWindow:
    """Rows in order, and the time up to which nothing is missing once they are written.

    Attributes:
        rows: The rows.
        complete_to: The time.
        read_parts: The parts of the list that were read; None if all of the context were.
        normalized: What its records tell of calls, if that was merged.
        state: What goes into the state of the account once the rows are written.
        bookmark_caps: Times that the bookmark must not pass, for calls that are not in the rows.
    """

    rows: list[Row]
    complete_to: datetime
    read_parts: tuple[str, ...] | None = None
    normalized: list[Normalized] | None = None
    bookmark_caps: tuple[str, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)

    def all_caps(self) -> Iterator[str]:
        """Yield the times that the bookmark must not pass."""
        yield from self.bookmark_caps
        yield from filter(None, map(bookmark_cap_of, self.rows))


def completed_in_chunks(
    chunks: Iterable[list[Row]],
    before: datetime,
    complete_to: datetime,
    *,
    read_parts: tuple[str, ...] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Iterator[CompletedWindow]:
    """Yield the rows of a window that come in chunks: it is complete after the last.

    Args:
        chunks: The rows.
        before: The time up to which nothing is missing until then.
        complete_to: The time up to which nothing is missing after that.
        read_parts: As in :class:`CompletedWindow`.
        state: As in :class:`CompletedWindow`, after the last chunk.
    """
    last: list[Row] = []
    for number, chunk in enumerate(chunks):
        if number:
            yield CompletedWindow(last, before, read_parts)
        last = chunk
    yield CompletedWindow(last, complete_to, read_parts, state=state or {})


@dataclass(frozen=True, slots=True)
class ReadContext:
    """One read of one account by one stream.

    Attributes:
        account: The account.
        span: The time to read.
        stream: The name of the stream.
        row_context: What its rows are made with.
        cancelled: Set when nobody waits for responses any more.
        parts: The parts of the list to read; a list without parts has one without a name.
        state: What earlier runs of the stream have remembered of the account.
        refused: Why parts are not read any more, by part.
        time_filter: Checks that rows lie in the window that was requested.
        reading: Where the progress of the read is reported.
    """

    account: Account
    span: Window
    stream: str
    row_context: RowContext
    cancelled: Event
    parts: tuple[str, ...] = ("",)
    state: Mapping[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    time_filter: TimeFilterCheck = field(default_factory=TimeFilterCheck)
    reading: Reading = field(default_factory=Reading)

    @property
    def where(self) -> str:
        """The provider, account and stream, for the log and for errors."""
        return self.account.client.named(self.stream)

    @property
    def lookback(self) -> timedelta:
        """How far before its bookmark a run starts reading."""
        return self.row_context.lookback

    def segments(
        self,
        bounds: Window,
        bookmark_of: Callable[[str], datetime | None],
        *,
        together: bool = False,
    ) -> Iterator[ReadContext]:
        """Yield what is read together: first the parts that lag behind, by themselves.

        Args:
            bounds: The time that the user wants to have read.
            bookmark_of: Returns the bookmark of a part.
            together: Whether a part that lags behind is read together with the others.
        """
        spans = {
            part: reading_span(bounds, bookmark_of(part), self.lookback) for part in self.parts
        }
        if together:
            spans = dict.fromkeys(spans, min(spans.values(), key=attrgetter("start")))
        for span, parts in segments(spans):
            if left := tuple(part for part in parts if part not in self.refused):
                yield replace(self, span=span, parts=left)

    def ask(self, request: HTTPRequest, *, resend: bool = True, rate: Rate | None = None) -> Answer:
        """Send a request and return the response.

        Args:
            request: The request.
            resend: Whether to send it again if it is unknown whether the server carried it out.
            rate: A rate limit in addition to that of the account.

        Raises:
            ApiError: The provider rejects it, or keeps failing for longer than allowed.
            OutcomeUnknown: It may have been carried out, and must not be sent again.
            ReadCancelled: Nobody waits for the response any more.
        """
        return self.account.client.fetch(
            request, stream=self.stream, cancelled=self.cancelled, resend=resend, rate=rate
        )

    def download(
        self,
        request: HTTPRequest,
        into: IO[bytes],
        check: Callable[[IO[bytes]], object],
        *,
        rate: Rate | None = None,
    ) -> None:
        """Send a request and write the response to a file, which must pass a check."""
        self.account.client.download(
            request, into=into, check=check, stream=self.stream, cancelled=self.cancelled, rate=rate
        )
