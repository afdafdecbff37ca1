"""What the streams of all providers share: reading an account in order, and its bookmark."""

from __future__ import annotations

import abc
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL

from tap_voicecalls.common.times import EPOCH, format_time, parse_time
from tap_voicecalls.common.windows import Window
from tap_voicecalls.output.record_lines import RecordLines, can_bypass_sdk
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.rows.row import body_of
from tap_voicecalls.streams.bookmarks import LONGEST_RUNNING, Bookmarks
from tap_voicecalls.streams.failures import ReadFailed, isolated, isolated_each
from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext
from tap_voicecalls.streams.record_stream import RecordStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_voicecalls.common.concurrency import Concurrency
    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.reference import Reference


class CallStream(RecordStream, abc.ABC):
    """A stream of calls: completed windows in ascending order, each followed by its bookmark.

    The bookmark is not a record's time but the time up to which the stream is complete, so that it
    advances for a quiet account as well. Each account is a partition of the state.

    Attributes:
        path: Where the list is, below the provider's base URL.
        reference: The facts of the list, for the documentation.
        by_time: Whether the API filters calls by time; if not, each run reads all there are.
        window_grid: The unit of that filter if it is a long one, such as a day: windows end at its
            multiples.
        kept_for: How long the provider keeps calls, at least; None if that is not limited.
        parts_together: Whether a call is made of records of several parts. Then a part that lags
            behind is read together with the others, because a sum of some parts would overwrite
            the sum of all.
    """

    path: ClassVar[str]
    reference: ClassVar[Reference]
    by_time: ClassVar[bool] = True
    window_grid: ClassVar[timedelta] = timedelta.resolution
    kept_for: ClassVar[timedelta | None] = None
    parts_together: ClassVar[bool] = False

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, run)
        self.accounts = {account.label: account for account in accounts}
        self._state_writer = tap.state_writer
        self._writer: Any = tap.message_writer
        self._flush = getattr(tap.message_writer, "flush", lambda: None)

    # What a subclass declares -----------------------------------------------------------------

    @abc.abstractmethod
    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield all calls of the context's span, as completed windows in ascending order."""

    def parts(self, account: Account) -> Sequence[str]:  # noqa: ARG002 - for streams with parts
        """Return the parts that the list is requested in; most APIs have one list."""
        return ("",)

    # What subclasses use ----------------------------------------------------------------------

    @property
    def requests_at_once(self) -> Concurrency:
        """How many concurrent requests are useful at the moment."""
        return self._run.concurrency

    @cached_property
    def bounds(self) -> Window:
        """The time that the user wants to have read, ending now at the latest."""
        end_date = self.config.get("end_date")
        end = min(parse_time(end_date), self.now) if end_date else self.now
        return Window(parse_time(self.config["start_date"]), end)

    @property
    def is_test(self) -> bool:
        """Whether this is a connection test, which ends after the first window."""
        return self.ABORT_AT_RECORD_COUNT is not None

    @cached_property
    def is_of_the_past(self) -> bool:
        """Whether this run ends in the past: lists of any time are left to runs up to now."""
        end_date = self.config.get("end_date")
        return end_date is not None and parse_time(end_date) < self.now

    # What the SDK asks for --------------------------------------------------------------------

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """One partition of the state for each account."""
        return [{"account": label} for label in self.accounts]

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Yield an account's records, for the SDK to map, flatten, batch and write."""
        for rows in self.read_account(context):
            yield from (decode(row.body) for row in rows)

    @property
    def bypasses_sdk(self) -> bool:
        """Whether the tap writes the records itself; of a deselected stream it writes none."""
        return not self.selected or self.writes_rows_itself

    @property
    def writes_rows_itself(self) -> bool:
        """Whether rows are written as they are, in lines or batch files, without the SDK."""
        return can_bypass_sdk(self, self._writer)

    def write_directly(self, partitions: Iterable[Context]) -> None:
        """Read partitions and write their records as lines, without the SDK."""
        lines = RecordLines(self.name)
        with self.get_record_counter() as counter, self.get_sync_timer() as timer:
            for partition in partitions:
                counter.with_context(partition)
                timer.with_context(partition)
                for rows in self.read_account(partition):
                    if self.selected:
                        lines.write([*map(body_of, rows)], self._writer)
                        counter.increment(len(rows))
                self.finish_partition(partition)

    # Reading an account -----------------------------------------------------------------------

    def read_account(self, partition: Context | None) -> Generator[list[Row], None, None]:
        """Yield an account's rows; after each list the state says up to when it is complete.

        If one account cannot be read the others still are, and the run fails at its end.
        """
        account, cancelled = self.accounts[(partition or {})["account"]], Event()
        where = account.client.named(self.name)
        try:
            with isolated(where):
                context, bookmarks = self._start(account, partition, cancelled)
                for line in bookmarks.warnings:
                    self.logger.warning("%s: %s", where, line)
            yield from self._read_segments(context, bookmarks, partition)
        except ReadFailed as failed:
            self._fail(str(failed))
        finally:
            cancelled.set()
            self._run.progress.end()
            self._flush()

    def _start(
        self, account: Account, partition: Context | None, cancelled: Event
    ) -> tuple[ReadContext, Bookmarks]:
        """Decide what to read of an account, and load how far it was read before."""
        context = self.context_of(account, self.bounds, cancelled)
        noun = "calls" if self._feed.makes_calls else "records"
        reading = self._run.progress.begin(context.where, noun)
        state = self.get_context_state(partition) if self._is_incremental else {}
        bookmarks = Bookmarks(state, context.parts, self.now)
        bookmarks.warn_of_gap(self.kept_for)
        return replace(context, reading=reading, state=state), bookmarks

    def context_of(self, account: Account, span: Window, cancelled: Event) -> ReadContext:
        """Return what a read of an account needs."""
        hours = account.settings.get("lookback_hours", self.config["lookback_hours"])
        # No call is older than the epoch, and dates before year 1 cannot be represented.
        lookback = timedelta(hours=min(hours, (self.now - EPOCH) / timedelta(hours=1)))
        mutable_since = format_time(self.now - lookback)
        row_context = self.row_context(account.label, lookback, mutable_since)
        parts = tuple(self.parts(account))
        return ReadContext(account, span, self.name, row_context, cancelled, parts)

    def _read_segments(
        self, whole: ReadContext, bookmarks: Bookmarks, partition: Context | None
    ) -> Iterator[list[Row]]:
        if self.bounds.start > self.bounds.end:
            return  # `start_date` is later than now, which the tap has warned of
        try:
            for context in whole.segments(self.bounds, bookmarks.of, together=self.parts_together):
                yield from self._read_segment(context, bookmarks, partition)
        except ReadFailed:
            self._report(whole, bookmarks)
            raise
        self._report(whole, bookmarks)

    def _read_segment(
        self, context: ReadContext, bookmarks: Bookmarks, partition: Context | None
    ) -> Iterator[list[Row]]:
        left = context.parts
        context.reading.covers(Window(context.span.start, self.bounds.end))
        for number, window in enumerate(isolated_each(self.read(context), context.where)):
            if window.read_parts is not None:
                left = tuple(name for name in left if name in window.read_parts)
                if not left:
                    return  # all were refused
            if not number and self.parts_together:
                bookmarks.leave_behind(left, context.span.start + context.lookback)
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
