"""Calls whose details are refused: when that is more than the fault of one call, and what is kept.

Pure: errors and what the state remembers in, errors and what it remembers out.
"""

from __future__ import annotations

from http import HTTPStatus
from operator import itemgetter
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError, BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    Refused = ApiError | BadAnswer

# So many in a row have nothing to do with one call: more is asked in vain.
_MOST_IN_A_ROW = 10
# Of so many calls at the least, no more than half may be refused.
_ENOUGH = 20
# Calls to ask for again in later runs: each takes a request a run, and stands in each STATE.
MOST_REMEMBERED = 100
# What a refusal with one of these statuses says is true of the account, or of all its calls, as
# long as no other call is answered.
_OF_THE_ACCOUNT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


class RefusedDetails:
    """Decides whether refused details end the reading, and remembers them for later runs.

    Args:
        earlier: The calls whose details were refused in earlier runs, oldest first, with the time
            of the first refusal.
        now: The time of this run, as text.
        since: Those that were refused before this time are given up.

    Attributes:
        remembered: As `earlier`, for the runs to come.
        given_up: Calls that are not remembered any more.
        count: How many were refused in this run.
    """

    def __init__(self, earlier: Mapping[str, str], now: str, since: str) -> None:
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
        """Whether all was refused so far, so that it may be the account and not the calls."""
        return self._of_the_account is not None and not self._answered

    def answered(self, call_id: str) -> None:
        """Take note of a call whose details came, or that is gone."""
        self.remembered.pop(call_id, None)
        self._answered += 1
        self._in_a_row = 0

    def refused(self, call_id: str, error: Refused) -> None:
        """Take note of a call whose details were refused.

        One that was refused in an earlier run as well, when others were not, tells nothing new.

        Raises:
            ApiError: So many were that it is not the fault of single calls.
            BadAnswer: The same, of answers that are no call.
        """
        self.count += 1
        if call_id not in self.remembered:
            self._weigh(error)
            self._remember(call_id)

    def _weigh(self, error: Refused) -> None:
        self._refused += 1
        self._in_a_row += 1
        if _is_of_the_account(error):
            self._of_the_account = error
        asked = self._refused + self._answered
        if self._in_a_row >= _MOST_IN_A_ROW or (asked >= _ENOUGH and 2 * self._refused > asked):
            raise self._many(error)

    def _remember(self, call_id: str) -> None:
        self.remembered[call_id] = self._now
        if len(self.remembered) > MOST_REMEMBERED:
            self.given_up.append(next(iter(self.remembered)))
            del self.remembered[self.given_up[-1]]

    def end(self) -> None:
        """Take note that all were asked for.

        Raises:
            ApiError: All were refused, for reasons that are not of one call.
        """
        if self._of_the_account is not None and self.are_in_doubt:
            raise self._many(self._of_the_account)

    def _many(self, error: Refused) -> Refused:
        asked = self._refused + self._answered
        line = f"{error}; the details of {self._refused} of {asked} calls were refused"
        if isinstance(error, ApiError):
            return ApiError(line, status=error.status)
        return BadAnswer(line)


def _is_of_the_account(error: Refused) -> bool:
    if not isinstance(error, ApiError):
        return False
    status = error.status  # none of a request that was given up
    return status is None or status in _OF_THE_ACCOUNT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
