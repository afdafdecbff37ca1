"""From an array of records as sent to rows that are ready to be written."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.records.identity import Identities
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.rows.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.records.conform import Conformer
    from tap_voicecalls.records.raw_json import RawJson
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.streams.read_context import ReadContext


class RecordFacts(Protocol):
    """What a stream says of its records."""

    @property
    def identified_by(self) -> str | None:
        """The text field that gets a hash of the record when it is not sent."""

    @property
    def identity(self) -> tuple[tuple[str, ...], ...]:
        """What tells records apart that have no id, see :func:`identity.fingerprint`."""

    @property
    def now(self) -> datetime:
        """When the run began."""

    def fill_derived_fields(self, record: Record) -> None:
        """Fill the fields that are made from others of the record, in place."""

    def read_time_of(self, record: Record) -> str:
        """Return the time that the stream reads by, where that is not the replication key's."""

    def is_running(self, record: Record) -> bool:
        """Tell whether a record is of a call that has not ended."""

    def ended_at(self, record: Record) -> str:
        """Return when a record's call ended, if costs and details come after that."""


class RowMaker:
    """Makes the rows of a stream; safe to share between threads.

    Args:
        facts: What the stream says of its records.
        conform: Makes records fit the stream's schema.
        key: Names of the fields that tell a record apart.
        time: Name of the replication key.
        call_of: Makes a call of a record, where calls are asked for.
    """

    def __init__(
        self,
        facts: RecordFacts,
        conform: Conformer,
        *,
        key: tuple[str, ...],
        time: str,
        call_of: Callable[[Record], Call | None] | None,
    ) -> None:
        self._facts = facts
        self._conform = conform
        self._key = key
        self._key_of = attrgetter(*key)
        self._time = time
        self._call_of = call_of

    def rows(
        self,
        context: ReadContext,
        sent: RawJson,
        common: Mapping[str, Any],
        identities: Identities | None = None,
    ) -> list[Row]:
        """Make rows of an array of records.

        Args:
            context: What they are read for.
            sent: The array.
            common: Fields that were sent once for all of them.
            identities: Those that other records of the list got; None if the array is all of it.

        Raises:
            BadAnswer: A part of a key is missing, and no rule fills it; or one cannot be read.
        """
        records = self._records(sent)
        for name, value in common.items():
            for record in records:
                if getattr(record, name) is None:
                    setattr(record, name, value)
        for record in records:
            self._facts.fill_derived_fields(record)
            record.account = context.account.label
        if field := self._facts.identified_by:
            given = identities or Identities()
            for record in records:
                if getattr(record, field) is None:
                    setattr(record, field, given.of(record, self._facts.identity))
        return [self._row(context, record) for record in records]

    def _records(self, sent: RawJson) -> list[Record]:
        try:
            return self._conform.all(sent)
        except ValueError as error:
            msg = f"a record cannot be read: {error}"
            raise BadAnswer(msg) from None

    def _row(self, context: ReadContext, record: Record) -> Row:
        key = self._key_of(record)
        if None in key:
            missing = self._key[key.index(None)]
            msg = f"a record has no usable `{missing}`, so no primary key can be built"
            raise BadAnswer(msg)
        time: str | None = getattr(record, self._time)
        bookmark_cap = self._hold(context, record, time) if time else ""
        call = self._call_of(record) if self._call_of else None
        return Row(
            time or "", key, self._facts.read_time_of(record), bookmark_cap, encode(record), call
        )

    def _hold(self, context: ReadContext, record: Record, started: str) -> str:
        """Say what the bookmark must not pass, so that the record's last form is read as well.

        That is the start of a running call; and for one that ended lately, whose costs may still
        come, the last time from which the lookback reaches back to its start.
        """
        if self._facts.is_running(record):
            return started
        if self._facts.ended_at(record) <= context.mutable_since:
            return ""
        start = parse_time(started)
        return format_time(start + context.lookback) if start < self._facts.now else ""
