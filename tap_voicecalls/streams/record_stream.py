"""The records of a stream: what it declares about them, and how they become rows.

The path of a record, top to bottom: the array as sent, conformed to the schema, derived fields,
identity, key, bookmark cap, JSON, row. :mod:`tap_voicecalls.output.record_lines` makes its line.
"""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tap_voicecalls.calls.protection import protection_of
from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.singer_decimal import with_numbers
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.output.sdk_hooks.stream import SdkStream
from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.records.decimal_text import DecimalTexts
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.records.schemas import USE_SINGER_DECIMAL, PackagedSchema, schema_of
from tap_voicecalls.records.secrets import without_secrets
from tap_voicecalls.rows.row import Row
from tap_voicecalls.rows.row_context import RowContext
from tap_voicecalls.streams.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from singer_sdk import Stream, Tap

    from tap_voicecalls.calls.normalized import Normalizer
    from tap_voicecalls.common.run import Run
    from tap_voicecalls.recordings.archive import ProviderArchive
    from tap_voicecalls.records.personal_data import Protection
    from tap_voicecalls.records.raw_json import RawJson
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.feed import Common
    from tap_voicecalls.streams.read_context import ReadContext


class RecordStream(SdkStream):
    """A stream of records that a provider sends as JSON.

    Attributes:
        identified_by: The text field that gets a hash of the record if it is not sent.
        identity: The fields of that hash: alternatives, the best first, each a leading field and
            fields that narrow it. None of them may ever change, as costs, status and end do.
        holds_secrets: Whether records may hold keys of other services; those are removed.
        signed_links: Fields whose addresses need their signature, at any depth; it is kept.
        bare_numbers: Whether the provider writes E.164 numbers without their plus.
        merges_records: Whether a call is made of several records: what each tells is merged.
        moved: Fields that are stored under another name, by the name they are sent under.
    """

    identified_by: ClassVar[str | None] = None
    identity: ClassVar[tuple[tuple[str, ...], ...]] = ()
    holds_secrets: ClassVar[bool] = False
    signed_links: ClassVar[frozenset[str]] = frozenset()
    bare_numbers: ClassVar[bool] = False
    merges_records: ClassVar[bool] = False
    moved: ClassVar[Mapping[str, str]] = MappingProxyType({})

    schema: ClassVar[PackagedSchema] = PackagedSchema()

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap)
        self._run = run
        # Of the class: a catalog may replace the keys of the instance, which identify records.
        self._declared = cast("Any", type(self))
        self._key_of: Callable[[Record], tuple[Any, ...]] = attrgetter(*self._declared.primary_keys)
        time = self._declared.replication_key
        self._time_of: Callable[[Record], str | None] = attrgetter(time) if time else _no_time
        self._feed = Feed()

    def feed(
        self,
        normalize: Normalizer,
        common: Common,
        child: Stream,
        archive: ProviderArchive | None = None,
    ) -> None:
        """Feed the common streams with the records of this one, whether or not it is selected.

        Args:
            normalize: Makes rows of the common streams from a record.
            common: Makes their rows, and writes those of a completed window before its STATE.
            child: The common stream for which this one is read even if it is not selected.
            archive: Where its recordings are stored, if they are.
        """
        self._feed = Feed(normalize, common, archive, self.merges_records)
        if not self.selected:
            self.read_also_if_deselected(child)

    def normalize_with(self, normalize: Normalizer) -> None:
        """Keep what each record tells of a call, for another stream to merge and write."""
        self._feed = Feed(normalize)

    def feed_nothing(self) -> None:
        """Stop feeding common streams: a connection test reads records but writes none."""
        self._feed = Feed(self._feed.normalize)

    # What a subclass declares -----------------------------------------------------------------

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the fields that are made from other fields of the record, in place."""

    def read_time_of(self, record: Record) -> str:  # noqa: ARG002 - for streams that read by another time
        """Return the time that the stream reads by, if that is not the replication key."""
        return ""

    def is_running(self, record: Record) -> bool:  # noqa: ARG002 - for streams with running calls
        """Return whether a conformed record is of a call that has not ended."""
        return False

    def ended_at(self, record: Record) -> str:  # noqa: ARG002 - for streams with later changes
        """Return when a conformed record's call ended, if costs and details come after that."""
        return ""

    # From records to rows ---------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """When the run began."""
        return self._run.began

    def rows(
        self,
        context: ReadContext,
        raw: RawJson,
        common: Mapping[str, Any] | None = None,
        identities: Identities | None = None,
    ) -> list[Row]:
        """Make rows of an array of records.

        Args:
            context: The read that they belong to.
            raw: The array as sent.
            common: Fields that were sent once for all of the records.
            identities: The identities in the rest of the list; None if the array is the whole list.

        Raises:
            BadAnswer: A record cannot be read, or a field of its key is missing and no rule fills
                it.
        """
        account = context.row_context
        plain = without_secrets(raw, self.signed_links) if self.holds_secrets else raw
        records = _conformed(plain, account.conform)
        if context.stream == self.name:  # and not the list of the calls to ask for
            context.reading.received(len(records))
        for name, value in (common or {}).items():
            for record in records:
                if getattr(record, name) is None:
                    setattr(record, name, value)
        for record in records:
            self.fill_derived_fields(record)
            record.account = account.label
        if field := self.identified_by:
            used = identities or Identities()
            for record in records:
                if getattr(record, field) is None:
                    setattr(record, field, used.of(record, self.identity))
        return self._rows_of(records, account)

    def _rows_of(self, records: Sequence[Record], account: RowContext) -> list[Row]:
        for key in (keys := [*map(self._key_of, records)]):
            if None in key:
                missing = self._declared.primary_keys[key.index(None)]
                msg = f"a record has no usable `{missing}`, so no primary key can be built"
                raise BadAnswer(msg)
        times = [self._time_of(record) or "" for record in records]
        caps = self._bookmark_caps(records, times, account)
        read_times = [*map(self.read_time_of, records)]
        normalized, ready = self._feed.normalized_or_ready(records)
        changes: Iterable[Callable[[Record], None] | None] = account.protect, account.write_decimals
        for change in filter(None, changes):
            for record in records:
                change(record)
        return [*map(Row, times, keys, read_times, caps, map(encode, records), normalized, ready)]

    def _bookmark_caps(
        self, records: Sequence[Record], times: Sequence[str], account: RowContext
    ) -> Sequence[str]:
        """Return what the bookmark must not pass, so that the final records are read as well.

        For a running call that is its start; for one that ended recently, whose costs may still
        come, the latest time from which the lookback reaches its start.
        """
        running = [*map(self.is_running, records)]
        ended = [*map(self.ended_at, records)]
        if not any(running) and max(ended, default="") <= account.mutable_since:
            return [""] * len(records)  # as in most of a history
        return [
            time if is_running else self._cap_of_ended(time, end, account) if time else ""
            for time, is_running, end in zip(times, running, ended, strict=True)
        ]

    def _cap_of_ended(self, started: str, ended: str, account: RowContext) -> str:
        if ended <= account.mutable_since:
            return ""
        start = parse_time(started)
        return format_time(start + account.lookback) if start < self.now else ""

    def row_context(self, label: str, lookback: timedelta, mutable_since: str) -> RowContext:
        """Return what the rows of this stream are made with, for one account."""
        return RowContext(
            label, lookback, mutable_since, self.conform, self.protect, self.write_decimals
        )

    @cached_property
    def conform(self) -> Conformer:
        """Makes records fit the schema; made before any threads that share it."""
        conform = Conformer(with_numbers(self.schema), self.moved)
        self._run.at_end.append(lambda: self._warn(conform.remarks()))
        return conform

    @cached_property
    def protect(self) -> Protection | None:
        """Hashes or removes personal data; None to keep it.

        Made as early as the conformer, by the tap's own schema: a catalog may lack the marks.
        """
        return protection_of(schema_of(type(self)), self.config, bare=self.bare_numbers)

    @cached_property
    def write_decimals(self) -> DecimalTexts | None:
        """Writes numbers as text, if that is asked for; made as early as the conformer."""
        if not self.config[USE_SINGER_DECIMAL]:
            return None
        texts = DecimalTexts(self.schema)
        self._run.at_end.append(lambda: self._warn(texts.remarks()))
        return texts

    def _warn(self, remarks: Iterable[str]) -> None:
        for remark in remarks:
            self.logger.warning("%s: %s", self.name, remark)


def _no_time(_: Record) -> None:
    """Return no time, in a stream without a replication key."""


def _conformed(raw: RawJson, conform: Conformer) -> list[Record]:
    try:
        return conform.all(raw)
    except ValueError as error:
        msg = f"a record cannot be read: {error}"
        raise BadAnswer(msg) from None
