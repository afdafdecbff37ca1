"""The reading of one account in one run, and the slices that it comes in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.windows import Window, reading_span, segments
from tap_voicecalls.streams.strays import Strays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta
    from threading import Event

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.http.rate_gate import Rate
    from tap_voicecalls.rows.row import Row


@dataclass(frozen=True, slots=True)
class CompletedWindow:
    """Rows that were read whole, in order, and the time up to which nothing is missing then.

    Attributes:
        rows: The rows.
        complete_to: The time.
        parts: The parts of the list of which that holds; None for all that are read.
        calls: The calls of the slice, where they are not just those of its rows.
        bookmark_caps: What the bookmark must not pass, for calls of the slice that are no rows.
    """

    rows: list[Row]
    complete_to: datetime
    parts: tuple[str, ...] | None = None
    calls: list[Call] | None = None
    bookmark_caps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadContext:
    """The reading of one account in one run.

    Attributes:
        account: Whose calls are read.
        span: The time that is read.
        stream: The stream that reads.
        lookback: How far before its bookmark a run reads again.
        mutable_since: Calls that ended after this time may still change.
        cancelled: Set when nobody waits for answers any more.
        parts: The parts of the list that are read; one without a name where it has none.
        refused: Why parts are not read any more, by part.
        strays: Rows that lie outside of what was asked for.
    """

    account: Account
    span: Window
    stream: str
    lookback: timedelta
    mutable_since: str
    cancelled: Event
    parts: tuple[str, ...] = ("",)
    refused: dict[str, str] = field(default_factory=dict)
    strays: Strays = field(default_factory=Strays)

    def segments(
        self,
        bounds: Window,
        bookmark_of: Callable[[str], datetime | None],
        *,
        together: bool = False,
    ) -> Iterator[ReadContext]:
        """Yield what is read together: parts that lag behind by themselves first.

        Args:
            bounds: The time that the user wants to have read.
            bookmark_of: Returns the bookmark of a part.
            together: Whether a part that lags behind takes the others along.
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
        """Send a request and return its answer.

        Args:
            request: What to ask for.
            resend: Whether to send it again when it is unknown what became of it.
            rate: A rate to keep beside that of the account.

        Raises:
            ApiError: The provider refuses, or keeps failing for longer than allowed.
            OutcomeUnknown: It may have been carried out, and must not be sent again.
            ReadCancelled: Nobody waits for the answer any more.
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
        """Send a request and write its answer to a file, which must stand a check."""
        self.account.client.download(
            request, into=into, check=check, stream=self.stream, cancelled=self.cancelled, rate=rate
        )
