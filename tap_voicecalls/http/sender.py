"""One try of a request: its turn, its redirects, and what its answer says of the next ones."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError, ReadCancelled, phrase
from tap_voicecalls.http.refusals import asks_to_wait, is_whole
from tap_voicecalls.http.retry import retry_after
from tap_voicecalls.http.transport.body import MOST_OF_A_FILE, MOST_OF_A_PAGE
from tap_voicecalls.http.transport.exchange import LOOK, Deadline, Exchange, Paused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from requests import PreparedRequest

    from tap_voicecalls.http.rate_gate import Rate, RateGate
    from tap_voicecalls.http.retry import RetryPolicy
    from tap_voicecalls.http.transport.connection import Connection, Reply

_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is to be answered.

    Attributes:
        prepared: The request as it is sent.
        where: Who asks, for the words of an error.
        cancelled: Ends all waiting when set.
        rate: A rate to keep beside that of the account.
        deadline: By when all tries must be through.
    """

    prepared: PreparedRequest
    where: str
    cancelled: Event
    rate: Rate | None
    deadline: Deadline


class Sender:
    """Sends what an account asks for, at its pace; safe to share between threads.

    Args:
        connection: What it is sent over.
        rate_gate: When it may be.
        retry_policy: How long a try may take.
        at_once: How many requests may be under way at once.
        refuse: Makes the error of an answer that is not whole: of the answer, who asked, and the
            seconds that the server asked to wait.
    """

    def __init__(
        self,
        connection: Connection,
        rate_gate: RateGate,
        retry_policy: RetryPolicy,
        *,
        at_once: int,
        refuse: Callable[[Reply, str, float], Exception],
    ) -> None:
        self._connection = connection
        self._rate_gate = rate_gate
        self._retry_policy = retry_policy
        self._slots = BoundedSemaphore(at_once)
        self._refuse = refuse

    def reply(self, pending: Pending, into: IO[bytes] | None = None) -> Reply:
        """Send a request, and return the answer if it is a success.

        Args:
            pending: The request.
            into: What the body of a success goes to, if it is a file.

        Raises:
            ApiError: The provider refuses.
            OSError: The file cannot be written.
            ReadCancelled: Nobody waits for the answer any more.
            TransientError: No whole answer came, or a refusal that may pass.
        """
        reply = self._followed(pending, into)
        status, method = reply.status, pending.prepared.method or ""
        is_refused = asks_to_wait(status)
        wait = retry_after(reply.headers, datetime.now(UTC), refused=is_refused)
        self._rate_gate.pause_all(wait, phrase(status))
        if is_whole(status, method, is_file=into is not None):
            return reply
        raise self._refuse(reply, pending.where, wait)

    def _followed(self, pending: Pending, into: IO[bytes] | None) -> Reply:
        """Send once, following redirects."""
        prepared = pending.prepared
        for _ in range(_MOST_REDIRECTS):
            reply = self._sent(pending, prepared, into)
            if not reply.is_redirect:
                return reply
            prepared = self._connection.redirected(prepared, reply, pending.where)
        msg = f"{pending.where}: redirected more than {_MOST_REDIRECTS} times; check `base_url`"
        raise ApiError(msg)

    def _sent(self, pending: Pending, prepared: PreparedRequest, into: IO[bytes] | None) -> Reply:
        """Send once, when it is this request's turn."""
        with self._slot(pending.cancelled):
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
                    return self._connection.send(prepared, exchange, pending.where, into)
                except Paused:
                    continue

    def _exchange(self, pending: Pending, into: IO[bytes] | None) -> Exchange:
        deadline = Deadline(min(self._retry_policy.try_seconds, pending.deadline.left()))
        deadline.begin()
        return Exchange(
            deadline,
            pending.deadline,
            silence=self._retry_policy.read_timeout,
            most_bytes=MOST_OF_A_PAGE if into is None else MOST_OF_A_FILE,
            cancelled=pending.cancelled,
            before_send=partial(self._rate_gate.depart, pending.rate),
        )

    @contextmanager
    def _slot(self, cancelled: Event) -> Iterator[None]:
        """Hold one of the connections."""
        while not self._slots.acquire(timeout=LOOK):
            if cancelled.is_set():
                raise ReadCancelled
        try:
            yield
        finally:
            self._slots.release()
