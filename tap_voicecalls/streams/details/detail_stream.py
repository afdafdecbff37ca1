"""Streams of details: a request or more for each call of a list that is new or has changed."""

from __future__ import annotations

import abc
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.calls.normalized import Normalizer
from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.times import format_time, parse_time
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.base import ProviderStream
from tap_voicecalls.streams.details.asked import Asked, first_asked
from tap_voicecalls.streams.details.known_details import KnownDetails
from tap_voicecalls.streams.details.merging import merge_details
from tap_voicecalls.streams.details.refused_details import RETRIED_FOR, RefusedDetails, remembered
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.read_context import CompletedWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from singer_sdk import Stream, Tap

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.calls.normalized import Normalized
    from tap_voicecalls.common.run import Run
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.recordings.archive import ProviderArchive
    from tap_voicecalls.records.record_type import Record
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.feed import Common
    from tap_voicecalls.streams.read_context import ReadContext

# Calls without a start come again in each run: at 60 requests a minute these take two minutes.
_MOST_WITHOUT_START = 100
_MOST_LINES = 10  # in the log, for calls with refused details; further ones are counted


class DetailStream(ProviderStream):
    """Details of the calls of a list, for calls that are new, or whose record in the list changed.

    A call whose details are refused gets no row. In `calls` it is written as the list has it, and
    its details are requested again in later runs.

    Attributes:
        list_stream: The stream of the list, with windows as short as its many requests need.
        details_are_calls: Whether a record of the details is a call, with more than the list has.
        settles_after: How long after the end of a call its details may still change. Details that
            were read earlier are requested again in the next run.
        noun: What the list holds, for the log.
    """

    list_stream: ClassVar[type[ProviderStream]]
    details_are_calls: ClassVar[bool] = False
    settles_after: ClassVar[timedelta] = timedelta(hours=1)
    noun: ClassVar[str] = "call"
    needs_calls = True
    merges_records = True

    def __init__(self, tap: Tap, accounts: Sequence[Account], run: Run) -> None:
        super().__init__(tap, accounts, run)
        self._merged = Normalizer("", self.name)  # of list and details; feeds nothing yet
        self._make_list = partial(self.list_stream, tap, accounts, run)

    # What a subclass declares -----------------------------------------------------------------

    @abc.abstractmethod
    def fetch_details(self, context: ReadContext, asked: Asked) -> Sequence[Row]:
        """Request the details of a call, and return their rows.

        Raises:
            ApiError: The provider refuses them.
            BadAnswer: The response is not what the API promises.
        """

    @staticmethod
    def call_of(record: Record) -> Call | None:
        """Make a call of a record of the list; None if the list is not of calls."""
        raise NotImplementedError

    def may_have_details(self, call: Call) -> bool:  # noqa: ARG002 - for lists that tell
        """Return whether a call without a start may have details."""
        return True

    def row_as_listed(self, listed: Row) -> Row | None:  # noqa: ARG002 - for lists with the same fields
        """Return the row of a call that has no details; None if it has no row."""
        return None

    def fill_from_list(self, whole: Normalized, listed: Normalized) -> None:
        """Fill what the list has of a call and the details lack, in place."""

    def is_settled(self, asked: Asked) -> bool:
        """Return whether the details that came are final, unless the list shows a change."""
        call = asked.listed and asked.listed.normalized and asked.listed.normalized.call
        if not call or call.status == "in_progress":
            return False
        end = call.ended_at or call.started_at
        return end is not None and parse_time(end) + self.settles_after <= self.now

    # Reading ----------------------------------------------------------------------------------

    @cached_property
    def _list(self) -> ProviderStream:
        """The stream of the list; it is not part of the tap, and writes nothing."""
        made = self._make_list()
        made.read_for = self
        made.ABORT_AT_RECORD_COUNT = self.ABORT_AT_RECORD_COUNT  # a connection test stays one
        made.normalize_with(Normalizer(self._merged.provider, made.name, self.call_of))
        return made

    def feed(
        self,
        normalize: Normalizer,
        common: Common,
        child: Stream,
        archive: ProviderArchive | None = None,
    ) -> None:
        """Feed the common streams; where details are missing, with what the list has."""
        self._merged = normalize
        own = normalize if self.details_are_calls else normalize._replace(call=None)
        super().feed(own, common, child, archive)

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """List the windows and fetch details; pass no window on while all details were refused."""
        state, since = context.state, format_time(self.now - RETRIED_FOR)
        refusals = RefusedDetails(remembered(state), format_time(self.now), since, self.noun)
        known = KnownDetails(state)
        earlier = dict(refusals.remembered)
        calls = chain(self._listed(context, earlier, known), self._again(context, earlier))
        most = self.ABORT_AT_RECORD_COUNT
        asked = calls if most is None else first_asked(calls, most, context.span.end)
        fetched = read_ahead(partial(self._fetch, context), asked, self.requests_at_once)
        waiting: list[CompletedWindow] = []
        for window in self._windows(fetched, refusals, known):
            waiting.append(window)
            if not refusals.are_in_doubt:
                # Not earlier: what is remembered counts as an error of single calls.
                since = format_time(context.span.start)
                memory = refusals.for_state(state) | known.for_state(state, since)
                waiting[-1] = replace(window, state={**window.state, **memory})
                yield from waiting
                waiting.clear()
        refusals.end()
        for line in refusals.warnings():
            self.logger.warning("%s: %s", context.where, line)

    def _listed(
        self, context: ReadContext, earlier: dict[str, str], known: KnownDetails
    ) -> Iterator[Asked | CompletedWindow]:
        """Yield the calls of each window whose details are not known, and then its end."""
        count = 0
        for window in self._list.read(self._list_context(context)):
            for row in window.rows:
                call_id = str(row.key[-1])
                earlier.pop(call_id, None)
                if row in known:
                    continue
                asked = Asked(call_id, row.time or None, row)
                if row.time:
                    yield asked
                elif self._may_have_details(row):
                    count += 1
                    # Without a row, which would replace what an earlier run has fetched.
                    yield asked._replace(is_left_out=count > _MOST_WITHOUT_START)
                else:
                    made = self.row_as_listed(row)
                    yield asked._replace(rows=(made,) if made else (), is_left_out=True)
            yield replace(window, rows=[], bookmark_caps=tuple(window.all_caps()))
        if count > _MOST_WITHOUT_START:
            self.logger.warning(
                "%s: %d calls without a start may have details; requesting only %d of them, "
                "`calls` has the others with the values of the list",
                context.where,
                count,
                _MOST_WITHOUT_START,
            )

    def _list_context(self, context: ReadContext) -> ReadContext:
        own = context.row_context
        row_context = self._list.row_context(own.label, own.lookback, own.mutable_since)
        return replace(context, row_context=row_context, refused={})

    def _again(
        self, context: ReadContext, earlier: dict[str, str]
    ) -> Iterator[Asked | CompletedWindow]:
        """Yield calls with refused details in earlier runs that are not listed in this one."""
        if earlier:
            for call_id, refused in list(earlier.items()):
                _, _, started_at = refused.partition(" ")
                yield Asked(call_id, started_at or None, None)
            yield CompletedWindow([], context.span.end)

    def _windows(
        self,
        fetched: Iterable[Asked | CompletedWindow],
        refusals: RefusedDetails,
        known: KnownDetails,
    ) -> Iterator[CompletedWindow]:
        """Collect the details of each window."""
        rows: list[Row] = []
        merged: list[Normalized] = []
        for part in fetched:
            if isinstance(part, CompletedWindow):
                yield replace(part, rows=in_order(rows), normalized=merged)
                rows, merged = [], []
                continue
            if part.rows is None:
                self._note_missing(part, refusals)
            else:
                rows += part.rows
                if not part.is_left_out:
                    refusals.answered(part.call_id)
            fill, are_calls = self.fill_from_list, self.details_are_calls
            merged.append(merge_details(part, self._merged, fill, are_calls=are_calls))
            is_stored = all(one.is_final for one in merged[-1].recordings)
            if part.rows is not None and part.listed and is_stored and self.is_settled(part):
                known.add(part.listed)

    def _note_missing(self, asked: Asked, refusals: RefusedDetails) -> None:
        call_id = safe_name(asked.call_id)
        if asked.is_gone:
            refusals.answered(asked.call_id)
            self.logger.warning("no details of %s %s: it no longer exists", self.noun, call_id)
        elif asked.error is not None:
            refusals.refused(asked.call_id, asked.started_at, asked.error)
            if refusals.count <= _MOST_LINES:
                self.logger.warning("no details of %s %s: %s", self.noun, call_id, asked.error)

    def _fetch(
        self, context: ReadContext, asked: Asked | CompletedWindow
    ) -> Asked | CompletedWindow:
        """Fetch the details of a call; a refusal is returned, not raised."""
        if isinstance(asked, CompletedWindow) or asked.is_left_out:
            return asked
        try:
            rows = tuple(self.fetch_details(context, asked))
            self._feed.store([row.normalized for row in rows if row.normalized], context)
            return asked._replace(rows=rows)
        except (ApiError, BadAnswer) as error:
            return asked._replace(error=error)

    def _may_have_details(self, listed: Row) -> bool:
        call = listed.normalized.call if listed.normalized else None
        return call is None or self.may_have_details(call)
