"""Voicy: the stream of call details, fetched one by one."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.calls.call import normalize_enum
from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.common.times import format_time
from tap_voicecalls.providers.voicy.call_list import VoicyCalls
from tap_voicecalls.providers.voicy.calls import STATUSES
from tap_voicecalls.providers.voicy.refused_details import RefusedDetails
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.rows.row import in_order
from tap_voicecalls.streams.bookmarks import StateError
from tap_voicecalls.streams.read_ahead import read_ahead
from tap_voicecalls.streams.read_context import CompletedWindow
from tap_voicecalls.streams.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_voicecalls.calls.normalized import Normalized
    from tap_voicecalls.rows.row import Row
    from tap_voicecalls.streams.read_context import ReadContext

# How long the refused details of a call are requested again in each run.
_RETRIED_FOR = timedelta(days=7)
# Calls without a start come again in each run. So their details are requested only if somebody may
# have spoken, and for no more than this number: at 60 requests a minute under two minutes.
_MOST_WITHOUT_START = 100
_NOBODY_SPOKE = {"busy", "no_answer", "failed", "canceled"}
_MOST_LINES = 10  # in the log, for calls with refused details; further ones are counted
_REFUSED = "details_refused"  # in the state, beside the bookmark


class Asked(NamedTuple):
    """A call whose details are requested, and the result.

    Attributes:
        call_id: The call.
        listed: The row of the list; None if only an earlier run listed the call.
        row: The details, or the row of the list if the call can have no details.
        error: Why there are no details.
        is_left_out: Whether details are not requested, although there may be some.
    """

    call_id: str
    listed: Row | None
    row: Row | None = None
    error: ApiError | BadAnswer | None = None
    is_left_out: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the call was deleted after it was listed."""
        return isinstance(self.error, ApiError) and self.error.status == HTTPStatus.NOT_FOUND


class VoicyCallDetails(VoicyCalls):
    """Calls with transcript, summary, recording and variables, fetched one by one.

    A call whose details are refused gets no row. In `calls` it is written as the list has it, and
    its details are requested again in later runs.
    """

    name = "voicy_call_details"
    reference = Reference(
        endpoint="`GET /call-get/{call_id}`, for each call that the list has",
        paging="none",
        time_filter="that of the list, windows of 1 day",
        order="start, ascending",
        late_changes="transcript, summary, variables; `recording_url` expires after an hour",
    )
    path = "/call-get/{call_id}"
    # Each call costs a request: with short windows little is repeated after an interruption.
    window = timedelta(days=1)
    # The next window is listed while the details of one are fetched.
    windows_at_once = 2

    def read(self, context: ReadContext) -> Iterator[CompletedWindow]:
        """List the windows and fetch their calls, several at once, also across windows.

        While all details were refused, no window is passed on: the bookmark stays.
        """
        state = self.get_context_state({"account": context.account.label})
        since = format_time(self.now - _RETRIED_FOR)
        refusals = RefusedDetails(_remembered(state), format_time(self.now), since)
        earlier = dict(refusals.remembered)
        asked = chain(self._listed(context, earlier), self._again(context, earlier))
        fetched = read_ahead(partial(self._fetch, context), asked, self.requests_at_once)
        waiting: list[CompletedWindow] = []
        for window in self._windows(fetched, refusals):
            waiting.append(window)
            if not refusals.are_in_doubt:
                # Not earlier: what is remembered counts as an error of single calls.
                if refusals.remembered or _REFUSED in state:
                    state[_REFUSED] = dict(refusals.remembered)
                yield from waiting
                waiting.clear()
        refusals.end()
        self._warn_of_refusals(context, refusals)

    def _listed(
        self, context: ReadContext, earlier: dict[str, str]
    ) -> Iterator[Asked | CompletedWindow]:
        """Yield the calls of each window, and then its end."""
        count = 0
        for listed in super().read(context):
            for row in listed.rows:
                call_id = str(row.key[-1])
                earlier.pop(call_id, None)
                if row.time:
                    yield Asked(call_id, row)
                elif _may_have_spoken(row):
                    count += 1
                    # Without a row, which would replace what an earlier run has fetched.
                    yield Asked(call_id, row, is_left_out=count > _MOST_WITHOUT_START)
                else:
                    yield Asked(call_id, row, _as_listed(row))
            yield CompletedWindow([], listed.complete_to)
        if count > _MOST_WITHOUT_START:
            self.logger.warning(
                "%s: %d calls without a start may have details; requesting only %d of them, "
                "`calls` has the others with the values of the list",
                context.account.client.named(self.name),
                count,
                _MOST_WITHOUT_START,
            )

    def _again(
        self, context: ReadContext, earlier: dict[str, str]
    ) -> Iterator[Asked | CompletedWindow]:
        """Yield calls with refused details in earlier runs that are not listed in this one."""
        if earlier:
            yield from (Asked(call_id, None) for call_id in list(earlier))
            yield CompletedWindow([], context.span.end)

    def _windows(
        self, fetched: Iterable[Asked | CompletedWindow], refusals: RefusedDetails
    ) -> Iterator[CompletedWindow]:
        """Collect the calls of each window."""
        rows: list[Row] = []
        normalized: list[Normalized] = []
        bookmark_caps: list[str] = []
        for part in fetched:
            if isinstance(part, CompletedWindow):
                ordered = in_order(rows)
                normalized += [row.normalized for row in ordered if row.normalized is not None]
                yield CompletedWindow(
                    ordered,
                    part.complete_to,
                    normalized=normalized,
                    bookmark_caps=tuple(bookmark_caps),
                )
                rows, normalized, bookmark_caps = [], [], []
            elif part.row:
                rows.append(part.row)
                if part.row is not part.listed:
                    refusals.answered(part.call_id)
            else:
                self._note_missing(part, refusals)
                if part.listed:
                    listed = _as_listed(part.listed).normalized
                    normalized += [listed] if listed else []
                    bookmark_caps += [part.listed.bookmark_cap] if part.listed.bookmark_cap else []

    def _note_missing(self, asked: Asked, refusals: RefusedDetails) -> None:
        call_id = safe_name(asked.call_id)
        if asked.is_gone:
            refusals.answered(asked.call_id)
            self.logger.warning("call %s was listed, but no longer exists: no details", call_id)
        elif asked.error is not None:
            refusals.refused(asked.call_id, asked.error)
            if refusals.count <= _MOST_LINES:
                self.logger.warning("no details of call %s: %s", call_id, asked.error)

    def _warn_of_refusals(self, context: ReadContext, refusals: RefusedDetails) -> None:
        who = context.account.client.named(self.name)
        if refusals.count:
            self.logger.warning(
                "%s: the details of %d calls were refused; `calls` has these calls as the list "
                "has them; each run requests the details again for %d days",
                who,
                refusals.count,
                _RETRIED_FOR.days,
            )
        if refusals.given_up:
            self.logger.warning(
                "%s: the details of %d calls were refused for %d days, or are too many to "
                "remember; they are not requested again; to retry, use `--full-refresh`",
                who,
                len(refusals.given_up),
                _RETRIED_FOR.days,
            )

    def _fetch(
        self, context: ReadContext, asked: Asked | CompletedWindow
    ) -> Asked | CompletedWindow:
        """Fetch the details of a call; a refusal is returned, not raised."""
        if isinstance(asked, CompletedWindow) or asked.row or asked.is_left_out:
            return asked
        path = self.path.format(call_id=quote(asked.call_id, safe=""))
        try:
            (row,) = self.rows(context, context.ask(HTTPRequest(path)).only_record())
        except (ApiError, BadAnswer) as error:
            return asked._replace(error=error)
        if row.key[-1] != asked.call_id:
            return asked._replace(error=BadAnswer("response describes another call than requested"))
        return asked._replace(row=row)


def _remembered(state: Mapping[str, Any]) -> dict[str, str]:
    """Return the calls with refused details in earlier runs, each with the time of the refusal.

    Raises:
        StateError: The state was not written by this tap.
    """
    refused = state.get(_REFUSED, {})
    if isinstance(refused, dict) and all(isinstance(each, str) for each in refused.values()):
        return refused
    msg = f"`{_REFUSED}` in the state must be an object of ids and times; remove it from the state"
    raise StateError(msg)


def _may_have_spoken(listed: Row) -> bool:
    status = decode(listed.body)["call_status"]
    return normalize_enum(STATUSES, status) not in _NOBODY_SPOKE


def _as_listed(listed: Row) -> Row:
    """Return a call of the list; what only the details have is unknown."""
    if listed.normalized is not None and (call := listed.normalized.call):
        call.has_recording = call.has_transcript = call.turns = None
    return listed
