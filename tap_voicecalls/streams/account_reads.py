"""Reading the accounts of a stream in order: each completed window is followed by its bookmark."""

from __future__ import annotations

import abc
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL

from tap_voicecalls.common.times import EPOCH, format_time, parse_time
from tap_voicecalls.common.windows import Window
from tap_voicecalls.streams.ahead import Ahead
from tap_voicecalls.streams.bookmarks import LONGEST_RUNNING, Bookmarks
from tap_voicecalls.streams.failures import ReadFailed, isolated, isolated_each
from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext
from tap_voicecalls.streams.record_stream import RecordStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.rows.row import Row

_SEGMENT_AND_WINDOW = 2


@dataclass(frozen=True, slots=True)
class Started:
    """A read of an account that was set up.

    Attributes:
        context: The read.
        bookmarks: How far the account was read before.
        windows: What is read together, by itself and then with each of its windows.
    """

    context: ReadContext
    bookmarks: Bookmarks
    windows: Iterator[tuple[ReadContext, CompletedWindow | None]]


class AccountReads(RecordStream, abc.ABC):
    """A stream that reads its accounts one after the other.

    The bookmark is not a record's time but the time up to which the stream is complete, so that it
    advances for a quiet account as well. Each account is a partition of the state.

    Attributes:
        kept_for: How long the provider keeps calls, at least; None if that is not limited.
        parts_together: Whether a call is made of records of several parts. Then a part that lags
            behind is read together with the others, because a sum of some parts would overwrite
            the sum of all.
        read_for: The stream that this one is read for; itself, but for the list of details.
        is_ahead: Whether it is read before its turn.
    """

    kept_for: ClassVar[timedelta | None] = None
    parts_together: ClassVar[bool] = False

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, run)
        self.accounts = {account.label: account for account in accounts}
        self._state_writer = tap.state_writer
        self._writer: Any = tap.message_writer
        self._flush = getattr(tap.message_writer, "flush", lambda: None)
        self.read_for: AccountReads = self
        self.is_ahead = False
        self._ahead: dict[str, Started] = {}

    @abc.abstractmethod
    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield all calls of the context's span, as completed windows in ascending order."""

    def parts(self, account: Account) -> Sequence[str]:  # noqa: ARG002 - for streams with parts
        """Return the parts that the list is requested in; most APIs have one list."""
        return ("",)

    def requests_at_once(self) -> int:
        """Return how many concurrent requests are useful at the moment."""
        return 1 if self.read_for.is_ahead else self._run.concurrency()

    @cached_property
    def bounds(self) -> Window:
        """The time that the user wants to have read, ending now at the latest."""
        end_date = self.config.get("end_date")
        end = min(parse_time(end_date), self.now) if end_date else self.now
        return Window(parse_time(self.config["start_date"]), end)

    def read_account(self, partition: Context | None) -> Generator[list[Row], None, None]:
        """Yield an account's rows; after each list the state says up to when it is complete.

        If one account cannot be read the others still are, and the run fails at its end.
        """
        self._run.begin_reading()
        try:
            started = self._take_turn(partition)
            try:
                yield from self._rows_and_report(started, partition)
            finally:
                started.context.cancelled.set()
        except ReadFailed as failed:
            self._fail(str(failed))
        finally:
            self._run.progress.end()
            self._flush()

    def _take_turn(self, partition: Context | None) -> Started:
        """Begin to read an account, unless that was done ahead."""
        account = self.accounts[(partition or {})["account"]]
        self.is_ahead = False
        with isolated(account.client.named(self.name)):
            started = self._ahead.pop(account.label, None) or self._start(account)
        self._run.progress.begin(started.context.reading)
        for line in started.bookmarks.warnings:
            self.logger.warning("%s: %s", started.context.where, line)
        return started

    def start_ahead(self) -> None:
        """Begin to read the first account before the stream's turn, if an earlier run has read it.

        It reads one window, with one request at a time: little is held until the turn comes.
        """
        account = next(iter(self.accounts.values()))
        try:
            if self._is_incremental and not self._was_read(account.label):
                return
            started = self._start(account)
            self.is_ahead = True
            windows = Ahead(started.windows, _SEGMENT_AND_WINDOW)
        except Exception:  # noqa: BLE001 - an odd state, or no thread: told at the stream's turn
            self.is_ahead = False
        else:
            self._ahead[account.label] = replace(started, windows=iter(windows))

    def cancel_ahead(self) -> None:
        """End reads whose turn does not come any more."""
        for started in self._ahead.values():
            started.context.cancelled.set()

    def _was_read(self, label: str) -> bool:
        bookmarks = self.tap_state.get("bookmarks", {}).get(self.name, {})
        return {"account": label} in [one.get("context") for one in bookmarks.get("partitions", ())]

    def _start(self, account: Account) -> Started:
        """Decide what to read of an account, and load how far it was read before."""
        context = self.context_of(account, self.bounds, Event())
        noun = "calls" if self._feed.makes_calls else "records"
        reading = self._run.progress.reading(context.where, noun)
        partition = {"account": account.label}
        state = self.get_context_state(partition) if self._is_incremental else {}
        bookmarks = Bookmarks(state, context.parts, self.now)
        bookmarks.warn_of_gap(self.kept_for, self.bounds.end)
        context = replace(context, reading=reading, state=state)
        return Started(context, bookmarks, self._windows_by_context(context, bookmarks))

    def context_of(self, account: Account, span: Window, cancelled: Event) -> ReadContext:
        """Return what a read of an account needs."""
        hours = account.settings.get("lookback_hours", self.config["lookback_hours"])
        # No call is older than the epoch, and dates before year 1 cannot be represented.
        lookback = timedelta(hours=min(hours, (self.now - EPOCH) / timedelta(hours=1)))
        row_context = self.row_context(account.label, lookback, format_time(self.now - lookback))
        parts = tuple(self.parts(account))
        return ReadContext(account, span, self.name, row_context, cancelled, parts)

    def _windows_by_context(
        self, whole: ReadContext, bookmarks: Bookmarks
    ) -> Iterator[tuple[ReadContext, CompletedWindow | None]]:
        """Yield what is read together, first by itself, and then with each of its windows."""
        if self.bounds.start > self.bounds.end:
            return  # `start_date` is later than now, which the tap has warned of
        for context in whole.segments(self.bounds, bookmarks.of, together=self.parts_together):
            yield context, None
            for window in self.read(context):
                yield context, window
                if context.refused.keys() >= set(context.parts):
                    break

    def _rows_and_report(self, started: Started, partition: Context | None) -> Iterator[list[Row]]:
        try:
            yield from self._rows_to_write(started, partition)
        except ReadFailed:
            self._report(started.context, started.bookmarks)
            raise
        self._report(started.context, started.bookmarks)

    def _rows_to_write(self, started: Started, partition: Context | None) -> Iterator[list[Row]]:
        """Yield the rows of each window; those of the common streams are written before."""
        bookmarks, left, is_first = started.bookmarks, tuple[str, ...](), False
        for context, window in isolated_each(started.windows, started.context.where):
            if window is None:
                left, is_first = context.parts, True
                context.reading.covers(Window(context.span.start, self.bounds.end))
                continue
            if window.read_parts is not None:
                left = tuple(name for name in left if name in window.read_parts)
                if not left:
                    continue  # all were refused
            if is_first and self.parts_together:
                bookmarks.leave_behind(left, context.span.start + context.lookback)
            is_first = False
            self._feed.write(window, context, self.ABORT_AT_RECORD_COUNT)
            yield window.rows
            context.reading.written(len(window.rows), window.complete_to)
            for cap in window.all_caps():
                bookmarks.cap(context.parts, parse_time(cap))
            bookmarks.complete_to(left, window.complete_to)
            self._write_bookmark(partition, bookmarks, window.state)

    def _report(self, context: ReadContext, bookmarks: Bookmarks) -> None:
        """Log what a user should know about the read of an account."""
        if warning := context.time_filter.warning():
            self.logger.warning("%s: %s", context.where, warning)
        if bookmarks.given_up:
            self.logger.warning(
                "%d calls were still open after %d days; treating them as final",
                bookmarks.given_up,
                LONGEST_RUNNING.days,
            )
        for part, line in context.refused.items():
            self._fail(f"{line} ({part})")

    def _fail(self, line: str) -> None:
        self.logger.error("%s", line)
        self._run.failures.append(line)

    @property
    def _is_incremental(self) -> bool:
        return bool(self.replication_method == REPLICATION_INCREMENTAL)

    def _write_bookmark(
        self, partition: Context | None, bookmarks: Bookmarks, memory: Mapping[str, Any]
    ) -> None:
        if not self._is_incremental:
            return
        key, state = self._declared.replication_key, self.get_context_state(partition)
        state.update(memory)
        bookmarks.write(state, key, self.bounds.start)
        # The SDK announces its batch files when they are full, and writes the state after each.
        by_sdk = self.get_batch_config(self.config) is not None
        if not by_sdk and getattr(self._writer, "is_state_due", True):
            self._state_writer.write_state(self.tap_state)
