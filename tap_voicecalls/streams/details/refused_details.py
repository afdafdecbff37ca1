"""Calls whose details are refused. When they stop the run, and what the state remembers.

Pure: no requests, no log.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.bookmarks import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Refused = ApiError | BadAnswer

# So many refusals in a row are not due to single calls: further requests would fail too.
_MOST_IN_A_ROW = 10
# From this number of calls on, no more than half may be refused.
_ENOUGH = 20
# Calls to request again in later runs: each costs a request a run, and is in each STATE.
MOST_REMEMBERED = 100
RETRIED_FOR = timedelta(days=7)
"""How long the refused details of a call are requested again in each run."""

_REFUSED = "details_refused"  # in the state, beside the bookmark
# A refusal with one of these statuses concerns the account, or all its calls, as long as no other
# call is answered.
_OF_THE_ACCOUNT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


class RefusedDetails:
    """Decides whether refused details stop the run, and remembers them for later runs.

    Args:
        earlier: The calls with refused details in earlier runs, each with the time of its first
            refusal and that of its start, separated by a space.
        now: The time of this run, as text.
        since: Calls that were refused before this time are given up.
        noun: What the details are of, for the log.

    Attributes:
        remembered: As `earlier`, for the next runs.
        given_up: Calls that are no longer remembered.
        count: The number of refusals in this run.
    """

    def __init__(
        self, earlier: Mapping[str, str], now: str, since: str, noun: str = "call"
    ) -> None:
        self._noun = noun
        ordered = sorted(earlier.items(), key=itemgetter(1))
        kept = [each for each in ordered if each[1] >= since][-MOST_REMEMBERED:]
        self.remembered = dict(kept)
        self.given_up = [call_id for call_id in earlier if call_id not in self.remembered]
        self.count = 0
        self._now = now
        self._answered = 0
        self._refused = 0
        self._in_a_row = 0
        self._of_the_account: Refused | None = None

    @property
    def are_in_doubt(self) -> bool:
        """Whether all details were refused so far: the cause may be the account, not the calls."""
        return self._of_the_account is not None and not self._answered

    def answered(self, call_id: str) -> None:
        """Record a call whose details came, or that no longer exists."""
        self.remembered.pop(call_id, None)
        self._answered += 1
        self._in_a_row = 0

    def refused(self, call_id: str, started_at: str | None, error: Refused) -> None:
        """Record a call whose details were refused.

        A call that was refused in an earlier run too does not count towards an error.

        Args:
            call_id: The call.
            started_at: When it started, if that is known.
            error: Why the details were refused.

        Raises:
            ApiError: Too many calls were refused for it to be an error of single calls.
            BadAnswer: The same, if the last response was not a call.
        """
        self.count += 1
        if call_id not in self.remembered:
            self._count(error)
            self._remember(call_id, started_at)

    def _count(self, error: Refused) -> None:
        self._refused += 1
        self._in_a_row += 1
        if _is_of_the_account(error):
            self._of_the_account = error
        asked = self._refused + self._answered
        if self._in_a_row >= _MOST_IN_A_ROW or (asked >= _ENOUGH and 2 * self._refused > asked):
            raise self._too_many(error)

    def _remember(self, call_id: str, started_at: str | None) -> None:
        self.remembered[call_id] = f"{self._now} {started_at or ''}".rstrip()
        if len(self.remembered) > MOST_REMEMBERED:
            self.given_up.append(next(iter(self.remembered)))
            del self.remembered[self.given_up[-1]]

    def for_state(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return what later runs need, to be put into the state of the account."""
        return {_REFUSED: dict(self.remembered)} if self.remembered or _REFUSED in state else {}

    def warnings(self) -> list[str]:
        """Return what a user should know of the refusals."""
        lines = []
        if self.count:
            lines.append(
                f"the details of {self.count} {self._noun}s were refused; each run requests them "
                f"again for {RETRIED_FOR.days} days"
            )
        if self.given_up:
            lines.append(
                f"the details of {len(self.given_up)} {self._noun}s were refused for "
                f"{RETRIED_FOR.days} days, or are too many to remember; they are not requested "
                "again; to retry, use `--full-refresh`"
            )
        return lines

    def end(self) -> None:
        """Record that all details were requested.

        Raises:
            ApiError: All were refused, for a reason that concerns the account.
        """
        if self._of_the_account is not None and self.are_in_doubt:
            raise self._too_many(self._of_the_account)

    def _too_many(self, error: Refused) -> Refused:
        asked = self._refused + self._answered
        line = f"{error}; the details of {self._refused} of {asked} {self._noun}s were refused"
        if isinstance(error, ApiError):
            return ApiError(line, status=error.status)
        return BadAnswer(line)


def remembered(state: Mapping[str, Any]) -> dict[str, str]:
    """Return the calls with refused details in earlier runs, from the state of the account.

    Raises:
        StateError: The state was not written by this tap.
    """
    refused = state.get(_REFUSED, {})
    if isinstance(refused, dict) and all(isinstance(each, str) for each in refused.values()):
        return refused
    msg = f"`{_REFUSED}` in the state must be an object of ids and times; remove it from the state"
    raise StateError(msg)


def _is_of_the_account(error: Refused) -> bool:
    if not isinstance(error, ApiError):
        return False
    status = error.status  # None if the retries were used up
    return status is None or status in _OF_THE_ACCOUNT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
