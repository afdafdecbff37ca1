"""What the streams of all providers share: reading in order, windows, and the bookmark."""

from __future__ import annotations

import abc
from datetime import datetime, timedelta
from functools import cached_property
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL

from tap_voicecalls.common.errors import ApiError
from tap_voicecalls.common.times import EPOCH, format_time, parse_time
from tap_voicecalls.common.windows import Window
from tap_voicecalls.output.record_lines import RecordLines, can_bypass_sdk
from tap_voicecalls.output.sdk_hooks.stream import SdkStream
from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.records.schemas import PackagedSchema
from tap_voicecalls.streams.bookmarks import Bookmarks
from tap_voicecalls.streams.failures import Failed, each_failing_alone, failing_alone
from tap_voicecalls.streams.progress import LONGEST_RUNNING
from tap_voicecalls.streams.read_context import CompletedWindow, ReadContext
from tap_voicecalls.streams.row_maker import RowMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Stream, Tap
    from singer_sdk.helpers.types import Context

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.common.concurrency import Concurrency
    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.records.identity import Identities
    from tap_voicecalls.records.raw_json import RawJson
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row


class CallStream(SdkStream, abc.ABC):
    """A stream of calls: ascending slices, each emitted whole and followed by its bookmark.

    The bookmark is no record's time but the time up to which the stream is complete, so that a
    quiet account moves on as well. Each account is a partition of the state.

    Attributes:
        path: Where the list is, below the provider's base URL.
        identified_by: The text field that gets a hash of the record when it is not sent.
        identity: What that hash is made of: alternatives, the best first, each a leading field, and
            fields that narrow it. None of them ever changes, as costs, status and end do.
        moved: Fields that are kept under another name, by the name they are sent under.
        by_time: Whether the API finds calls by time; else each run reads all there are.
        parts_together: Whether a call is made of records of several parts: then one that lags
            behind takes the others along, for a sum of some would overwrite that of all.
    """

    path: ClassVar[str]
    identified_by: ClassVar[str | None] = None
    identity: ClassVar[tuple[tuple[str, ...], ...]] = ()
    moved: ClassVar[Mapping[str, str]] = MappingProxyType({})
    by_time: ClassVar[bool] = True
    parts_together: ClassVar[bool] = False

    schema: ClassVar[PackagedSchema] = PackagedSchema()

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap)
        self._accounts = {account.label: account for account in accounts}
        self._state_writer = tap.state_writer
        self._writer: Any = tap.message_writer
        self._flush = getattr(tap.message_writer, "flush", lambda: None)
        self._run = run
        # A catalog may replace the instance's keys, and with them what tells records apart.
        self._declared: Any = type(self)
        self._call_of: Callable[[Record], Call | None] | None = None
        self._write_calls: Callable[[Sequence[Call]], None] | None = None

    def feed(
        self,
        calls: Stream,
        call_of: Callable[[Record], Call | None],
        write: Callable[[Sequence[Call]], None],
    ) -> None:
        """Feed the stream of all calls with those of this one, be it selected or not.

        Args:
            calls: The stream of all calls.
            call_of: Makes a call of a record; None if it is no call. Many threads use it.
            write: Writes the calls of a slice, before the state that covers it.
        """
        self._call_of, self._write_calls = call_of, write
        if not self.selected:
            self.read_also_if_deselected(calls)

    def keep_to_itself(self) -> None:
        """Feed no stream of calls any more: what is read is a test, of which nothing is written."""
        self._write_calls = None

    # What a subclass says ---------------------------------------------------------------------

    @abc.abstractmethod
    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """Yield all calls of the reading's span, in ascending slices."""

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the fields that are made from others of the record, in place."""

    def parts(self, account: Account) -> Sequence[str]:  # noqa: ARG002 - for those that have parts
        """Return the parts the list is asked for in; most APIs have one list."""
        return ("",)

    def read_time_of(self, record: Record) -> str:  # noqa: ARG002 - for those that read by another time
        """Return the time that the stream reads by, where that is not the replication key's."""
        return ""

    def is_running(self, record: Record) -> bool:  # noqa: ARG002 - for those that list such calls
        """Tell whether a conformed record is of a call that has not ended."""
        return False

    def ended_at(self, record: Record) -> str:  # noqa: ARG002 - for those that change after the end
        """Return when a conformed record's call ended, if costs and details come after that."""
        return ""

    # What the SDK asks for --------------------------------------------------------------------

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """One partition of the state for each account."""
        return [{"account": label} for label in self._accounts]

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Yield an account's records, for the SDK to map, flatten, batch and write."""
        for rows in self.read_account(context):
            yield from (decode(row.body) for row in rows)

    @property
    def bypasses_sdk(self) -> bool:
        """Whether the tap writes the records itself; of a deselected stream it writes none."""
        return not self.selected or can_bypass_sdk(self, self._writer)

    def write_directly(self, partitions: Iterable[Context]) -> None:
        """Read partitions and write their records as lines, without the SDK."""
        lines = RecordLines(self.name)
        with self.get_record_counter() as counter, self.get_sync_timer() as timer:
            for partition in partitions:
                counter.with_context(partition)
                timer.with_context(partition)
                for rows in self.read_account(partition):
                    if self.selected:
                        self._writer.write_lines(lines.of([row.body for row in rows]))
                        counter.increment(len(rows))
                self.finish_partition(partition)

    # What subclasses use ----------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """When the run began."""
        return self._run.began

    @property
    def requests_at_once(self) -> Concurrency:
        """How many requests are worth having under way."""
        return self._run.concurrency

    @cached_property
    def bounds(self) -> Window:
        """The time that the user wants to have read, ending now at the latest."""
        end_date = self.config.get("end_date")
        end = min(parse_time(end_date), self.now) if end_date else self.now
        return Window(parse_time(self.config["start_date"]), end)

    def rows(
        self,
        context: ReadContext,
        sent: RawJson,
        common: Mapping[str, Any] | None = None,
        identities: Identities | None = None,
    ) -> list[Row]:
        """Turn an array of records as sent into rows as the schema declares them, to be written.

        Args:
            context: What they are read for.
            sent: The array.
            common: Fields that were sent once for all of them.
            identities: Those that other records of the list got; None if the array is all of it.

        Raises:
            BadAnswer: A part of a key is missing, and no rule fills it; or one cannot be read.
        """
        return self._row_maker.rows(context, sent, common or {}, identities)

    def named(self, label: str) -> str:
        """Name one of the stream's accounts, for the log."""
        return self._accounts[label].client.named(self.name)

    def read_account(self, partition: Context | None) -> Generator[list[Row], None, None]:
        """Yield an account's rows, slice by slice; after each the state says that it is complete.

        An account that cannot be read does not stop the others: the run fails at its end.
        """
        account, cancelled = self._accounts[(partition or {})["account"]], Event()
        where = self.named(account.label)
        try:
            with failing_alone(where):
                context, bookmarks = self._begun(account, partition, cancelled)
                for line in bookmarks.warnings:
                    self.logger.warning("%s: %s", where, line)
            yield from self._slices(context, bookmarks, partition, where)
        except Failed as failed:
            self._fail(str(failed))
        finally:
            cancelled.set()
            self._flush()

    # Inside -----------------------------------------------------------------------------------

    def _begun(
        self, account: Account, partition: Context | None, cancelled: Event
    ) -> tuple[ReadContext, Bookmarks]:
        """Say what is to be read of an account, and how far it was."""
        hours = account.settings.get("lookback_hours", self.config["lookback_hours"])
        # Nothing is older than the epoch, and time before year 1 cannot be reckoned with.
        lookback = timedelta(hours=min(hours, (self.now - EPOCH) / timedelta(hours=1)))
        parts = tuple(self.parts(account))
        state = self.get_context_state(partition) if self._is_incremental else {}
        bookmarks = Bookmarks(state, parts, self.now)
        mutable_since = format_time(self.now - lookback)
        _ = self._row_maker  # threads share it, so it is made before there are any
        context = ReadContext(
            account, self.bounds, self.name, lookback, mutable_since, cancelled, parts
        )
        return context, bookmarks

    def _slices(
        self, whole: ReadContext, bookmarks: Bookmarks, partition: Context | None, where: str
    ) -> Iterator[list[Row]]:
        if self.bounds.start > self.bounds.end:
            self.logger.warning(
                "%s: nothing is read: `start_date` is later than now, or than `end_date`; set it "
                "to an earlier time",
                where,
            )
            return
        try:
            for context in whole.segments(self.bounds, bookmarks.of, together=self.parts_together):
                yield from self._segment(context, bookmarks, partition, where)
        except Failed:
            self._tell_of(whole, bookmarks, where)
            raise
        self._tell_of(whole, bookmarks, where)

    def _segment(
        self, context: ReadContext, bookmarks: Bookmarks, partition: Context | None, where: str
    ) -> Iterator[list[Row]]:
        left = context.parts
        for number, part in enumerate(each_failing_alone(self.read(context), where)):
            if part.parts is not None:
                left = tuple(name for name in left if name in part.parts)
                if not left:
                    return  # all were refused
            if not number and self.parts_together:
                bookmarks.leave_behind(left, context.span.start + context.lookback)
            if self._is_test:
                self._tell_of(context, bookmarks, where)  # nothing is read after this
            if self._write_calls:
                self._write_calls(_calls_of(part)[: self.ABORT_AT_RECORD_COUNT])
            yield part.rows
            for cap in (
                *part.bookmark_caps,
                *(row.bookmark_cap for row in part.rows if row.bookmark_cap),
            ):
                bookmarks.cap(context.parts, parse_time(cap))
            bookmarks.complete_to(left, part.complete_to)
            self._write_bookmark(partition, bookmarks)

    def _tell_of(self, context: ReadContext, bookmarks: Bookmarks, where: str) -> None:
        """Say what a user should know of what was read of an account."""
        if strays := context.strays.warning():
            self.logger.warning("%s: %s", where, strays)
        if bookmarks.given_up:
            self.logger.warning(
                "%d calls were still open after %d days; treating them as final",
                bookmarks.given_up,
                LONGEST_RUNNING.days,
            )
        for part, line in context.refused.items():
            self._fail(f"{line} ({part})")

    def _fail(self, line: str) -> None:
        if self._is_test:
            raise ApiError(line)
        self.logger.error("%s", line)
        self._run.failures.append(line)

    @cached_property
    def _row_maker(self) -> RowMaker:
        conform = Conformer(self.schema, self.moved)
        self._run.at_end.append(lambda: self._log_remarks(conform))
        return RowMaker(
            self,
            conform,
            key=self._declared.primary_keys,
            time=self._declared.replication_key,
            call_of=self._call_of,
        )

    def _log_remarks(self, conform: Conformer) -> None:
        for remark in conform.remarks():
            self.logger.warning("%s: %s", self.name, remark)

    @property
    def _is_test(self) -> bool:
        """Whether this is a test of the connection, which ends after the first window."""
        return self.ABORT_AT_RECORD_COUNT is not None

    @property
    def _is_incremental(self) -> bool:
        return bool(self.replication_method == REPLICATION_INCREMENTAL)

    def _write_bookmark(self, partition: Context | None, bookmarks: Bookmarks) -> None:
        if not self._is_incremental:
            return
        key = self._declared.replication_key
        bookmarks.write(self.get_context_state(partition), key, self.bounds.start)
        # Batch files are announced when they are full; the SDK writes the state after each.
        if self.get_batch_config(self.config) is None:
            self._state_writer.write_state(self.tap_state)


def _calls_of(part: CompletedWindow) -> list[Call]:
    if part.calls is not None:
        return part.calls
    return [row.call for row in part.rows if row.call is not None]
