"""What sends the requests of an account until they are answered, and words what goes wrong."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from itertools import count
from typing import IO, TYPE_CHECKING, Any, TypeVar

from tap_voicecalls.common.errors import (
    ApiError,
    BadAnswer,
    OutcomeUnknown,
    ReadCancelled,
    TransientError,
    phrase,
)
from tap_voicecalls.http.answers import Answer
from tap_voicecalls.http.connection import Connection
from tap_voicecalls.http.exchange import Deadline
from tap_voicecalls.http.rate_gate import RateGate, sleep
from tap_voicecalls.http.refusals import AccountName, refusal
from tap_voicecalls.http.sender import Pending, Sender

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.http.auth import AuthBase
    from tap_voicecalls.http.rate_gate import Rate
    from tap_voicecalls.http.retry import RetryPolicy

__all__ = ["AccountName", "ApiClient"]

Result = TypeVar("Result")


class ApiClient:
    """Sends the requests of one account of one provider; safe to share between threads.

    Args:
        account_name: Whose requests these are.
        base_url: Where the API lives. Keys go to its origin and nowhere else.
        auth: Signs each request.
        explain: Finds the provider's own error code and title in a decoded error answer.
        requests_per_second: The limit over all threads; None for no limit.
        connections: How many requests may be under way at once.
        retry_policy: How long to keep trying.
    """

    def __init__(  # noqa: PLR0913 - keywords: all that makes up an account
        self,
        account_name: AccountName,
        *,
        base_url: str,
        auth: AuthBase,
        explain: Callable[[Any], str],
        requests_per_second: float | None,
        connections: int,
        retry_policy: RetryPolicy,
    ) -> None:
        self._account_name = account_name
        self._retry_policy = retry_policy
        self._connection = Connection(
            base_url,
            auth,
            secrets=account_name.keys,
            size=connections,
            connect_timeout=retry_policy.connect_timeout,
        )
        self._rate_gate = RateGate(requests_per_second)
        self._sender = Sender(
            self._connection,
            self._rate_gate,
            retry_policy,
            at_once=connections,
            refuse=partial(refusal, account_name=account_name, explain=explain),
        )

    def named(self, stream: str) -> str:
        """Say who asks, for the words of an error."""
        return f"{self._account_name.provider} (account {self._account_name.account}), {stream}"

    def fetch(
        self,
        request: HTTPRequest,
        *,
        stream: str,
        cancelled: Event,
        resend: bool = True,
        rate: Rate | None = None,
    ) -> Answer:
        """Send a request and return its answer.

        Args:
            request: What to ask for; its ``url`` is a path below the base URL, or a whole link.
            stream: The stream that asks.
            cancelled: Ends all waiting when set.
            resend: Whether to send it again when it is unknown what became of it.
            rate: A rate to keep beside that of the account.

        Raises:
            ApiError: The provider refuses, or keeps failing for longer than allowed.
            OutcomeUnknown: It may have been carried out, and must not be sent again.
            ReadCancelled: Nobody waits for the answer any more.
        """
        pending = self._pending(request, stream, cancelled, rate)
        return self._tried(partial(self._answer, pending), pending, resend=resend)

    def download(  # noqa: PLR0913 - keywords: as for fetch, and where to
        self,
        request: HTTPRequest,
        *,
        into: IO[bytes],
        check: Callable[[IO[bytes]], object],
        stream: str,
        cancelled: Event,
        rate: Rate | None = None,
    ) -> None:
        """Write what is answered to a file; one that comes broken is fetched anew.

        Args:
            request: As for :meth:`fetch`.
            into: The file; what it held is gone.
            check: Raises BadAnswer if the file, given from its start, cannot be what was sent.
            stream: The stream that asks.
            cancelled: Ends all waiting when set.
            rate: A rate to keep beside that of the account.

        Raises:
            ApiError: The provider refuses, or keeps failing for longer than allowed.
            ReadCancelled: Nobody waits for the file any more.
            OSError: The file cannot be written.
        """
        pending = self._pending(request, stream, cancelled, rate)
        self._tried(partial(self._file, pending, into, check), pending)

    def _pending(
        self, request: HTTPRequest, stream: str, cancelled: Event, rate: Rate | None
    ) -> Pending:
        where = self.named(stream)
        prepared = self._connection.prepare(request, where)
        return Pending(prepared, where, cancelled, rate, Deadline(self._retry_policy.seconds))

    def _tried(
        self, attempt: Callable[[], Result], pending: Pending, *, resend: bool = True
    ) -> Result:
        """Attempt a request until there is a result, or no patience left."""
        waits = self._retry_policy.waits()
        for tries in count(1):
            try:
                return attempt()
            except TransientError as error:
                if not (resend or error.not_done):
                    raise OutcomeUnknown(str(error)) from None
                wait = max(error.wait, next(waits))
                if tries >= self._retry_policy.tries or wait > pending.deadline.left():
                    raise self._gave_up(error) from None
                line = f"{error}; trying again in {wait:.1f} s (try {tries} failed)"
            self._rate_gate.log_wait(line, wait)
            sleep(wait, pending.cancelled)
        raise ReadCancelled  # for the sake of mypy: the numbers do not end

    def _gave_up(self, error: TransientError) -> ApiError:
        if error.wait > self._retry_policy.seconds:
            pause = f"the server asked for a pause of {error.wait:.0f} s"
            return ApiError(f"{error}; {pause}, more than `max_retry_seconds`")
        return ApiError(f"{error}; gave up, see `max_tries` and `max_retry_seconds`")

    def _answer(self, pending: Pending) -> Answer:
        reply = self._sender.reply(pending)
        if not reply.body and reply.status != HTTPStatus.NO_CONTENT:
            # Only 204 says that there is nothing; all else without a body was cut.
            msg = f"{pending.where}: {phrase(reply.status)}, but with an empty body"
            raise TransientError(msg)
        try:
            return Answer(b"" if reply.status == HTTPStatus.NO_CONTENT else reply.body)
        except ValueError:
            msg = f"{pending.where}: {phrase(reply.status)}, but the response is not valid JSON"
            raise TransientError(msg) from None

    def _file(
        self, pending: Pending, into: IO[bytes], check: Callable[[IO[bytes]], object]
    ) -> None:
        self._sender.reply(pending, into)
        into.seek(0)
        try:
            check(into)
        except BadAnswer as error:
            msg = f"{pending.where}: {error}"
            raise TransientError(msg) from None
