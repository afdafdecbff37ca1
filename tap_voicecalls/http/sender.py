"""One try of a request: it waits for its turn, follows redirects, and obeys requested pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError, OtherOrigin, phrase
from tap_voicecalls.http.refusals import is_complete, may_be_rate_limited
from tap_voicecalls.http.retry import retry_after
from tap_voicecalls.http.slots import Slots
from tap_voicecalls.http.transport.body import MOST_FILE_BYTES, MOST_PAGE_BYTES
from tap_voicecalls.http.transport.exchange import Deadline, Exchange, Paused

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from requests import PreparedRequest

    from tap_voicecalls.http.rate_gate import Rate, RateGate
    from tap_voicecalls.http.retry import RetryPolicy
    from tap_voicecalls.http.transport.connection import Connection
    from tap_voicecalls.http.transport.exchange import Reply

_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Pending:
    """A request to send, with what applies to all its tries.

    Attributes:
        prepared: The request.
        where: The account and stream, for error messages.
        cancelled: Ends all waits when set.
        rate: A second rate limit to keep, besides the account's own.
        deadline: The deadline for all tries together.
        most_bytes: The most bytes of a file.
    """

    prepared: PreparedRequest
    where: str
    cancelled: Event
    rate: Rate | None
    deadline: Deadline
    most_bytes: int = MOST_FILE_BYTES


class Sender:
    """Sends the requests of one account within its rate limit; safe to share between threads.

    Args:
        connection: The connection to the server.
        rate_gate: Decides when a request may be sent.
        retry_policy: The time limits of a try.
        at_once: The maximum number of concurrent requests.
        follows_redirects: Whether a redirect within the origin gets the keys.
        refuse: Makes the error for a response that is not complete, from the response, the account
            and stream, and the seconds that the server asked to wait.
        asks_for_fewer: Whether a response refuses a request because too many are open.
    """

    def __init__(  # noqa: PLR0913 - keywords only
        self,
        connection: Connection,
        rate_gate: RateGate,
        retry_policy: RetryPolicy,
        *,
        at_once: int,
        follows_redirects: bool,
        refuse: Callable[[Reply, str, float], Exception],
        asks_for_fewer: Callable[[Reply], bool],
    ) -> None:
        self._connection = connection
        self._rate_gate = rate_gate
        self._retry_policy = retry_policy
        self._slots = Slots(at_once)
        self._follows_redirects = follows_redirects
        self._refuse = refuse
        self._asks_for_fewer = asks_for_fewer

    def reply(self, pending: Pending, into: IO[bytes] | None = None) -> Reply:
        """Send a request once and return the response if it is complete.

        Args:
            pending: The request.
            into: A file for the body; None to keep the body in memory.

        Raises:
            ApiError: The provider rejected the request.
            OSError: The file cannot be written.
            ReadCancelled: The read was cancelled.
            TransientError: The request failed, or was rejected, in a way that may pass.
        """
        reply = self._follow_redirects(pending, into)
        status, method = reply.status, pending.prepared.method or ""
        is_refused = may_be_rate_limited(status)
        wait = retry_after(reply.headers, datetime.now(UTC), refused=is_refused)
        self._rate_gate.pause_all(wait, phrase(status))
        if is_complete(status, method, is_file=into is not None):
            return reply
        raise self._refuse(reply, pending.where, wait)

    def _follow_redirects(self, pending: Pending, into: IO[bytes] | None) -> Reply:
        """Send a request to where the server redirects it."""
        prepared = pending.prepared
        for _ in range(_MOST_REDIRECTS):
            reply = self._send(pending, prepared, into)
            if not reply.is_redirect:
                return reply
            prepared = self._connection.redirected(prepared, reply, pending.where)
            if not self._follows_redirects:
                msg = (
                    f"{pending.where}: {phrase(reply.status)} points elsewhere, and no redirect of "
                    "this API may get the account's keys; if the API moved, set `base_url`"
                )
                raise OtherOrigin(msg, prepared.url or "")
        msg = f"{pending.where}: redirected more than {_MOST_REDIRECTS} times; check `base_url`"
        raise ApiError(msg)

    def _send(self, pending: Pending, prepared: PreparedRequest, into: IO[bytes] | None) -> Reply:
        """Send once, when the rate gate opens."""
        with self._slots.take(pending.cancelled):
            while True:
                self._rate_gate.await_turn(
                    pending.cancelled,
                    pending.where,
                    longest_wait=pending.deadline.left(),
                    also=pending.rate,
                )
                pending.deadline.begin()
                try:
                    exchange = self._exchange(pending, into)
                    reply = self._connection.send(prepared, exchange, pending.where, into)
                except Paused:
                    continue
                self._count(reply)
                return reply

    def _count(self, reply: Reply) -> None:
        if self._asks_for_fewer(reply):
            self._slots.fewer()
        else:
            self._slots.answered()

    def _exchange(self, pending: Pending, into: IO[bytes] | None) -> Exchange:
        deadline = Deadline(min(self._retry_policy.try_seconds, pending.deadline.left()))
        deadline.begin()
        return Exchange(
            deadline,
            pending.deadline,
            silence=self._retry_policy.read_timeout,
            most_bytes=MOST_PAGE_BYTES if into is None else pending.most_bytes,
            cancelled=pending.cancelled,
            before_send=partial(self._rate_gate.confirm_turn, pending.rate),
        )
