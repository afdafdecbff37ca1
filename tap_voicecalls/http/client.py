"""Sends the requests of an account, and retries them until they succeed or time is up."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, TypeVar

from tap_voicecalls.common.errors import (
    BadAnswer,
    OutcomeUnknown,
    TransientError,
    phrase,
)
from tap_voicecalls.http.answers import Answer
from tap_voicecalls.http.rate_gate import RateGate
from tap_voicecalls.http.refusals import asks_for_fewer, refusal
from tap_voicecalls.http.sender import Pending, Sender
from tap_voicecalls.http.transport.body import MOST_FILE_BYTES
from tap_voicecalls.http.transport.connection import Connection
from tap_voicecalls.http.transport.exchange import Deadline
from tap_voicecalls.http.tries import try_until_done

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.http.auth import AccountName, AuthBase
    from tap_voicecalls.http.rate_gate import Rate
    from tap_voicecalls.http.retry import RetryPolicy

Result = TypeVar("Result")


class ApiClient:
    """Sends the requests of one account of one provider; safe to share between threads.

    Args:
        account_name: The account that sends the requests.
        base_url: The API's address. Keys are only ever sent to its origin.
        auth: Authenticates each request.
        explain: Finds the provider's own error code and title in a decoded error response.
        follows_redirects: Whether a redirect within the API's origin gets the keys.
        is_too_many_at_once: Whether a decoded error response says that too many requests are open.
        requests_per_second: The rate limit over all threads; None for no limit.
        connections: The maximum number of concurrent requests.
        retry_policy: How often and for how long to try.
    """

    def __init__(  # noqa: PLR0913 - keywords only
        self,
        account_name: AccountName,
        *,
        base_url: str,
        auth: AuthBase,
        explain: Callable[[Any], str],
        requests_per_second: float | None,
        connections: int,
        retry_policy: RetryPolicy,
        follows_redirects: bool = True,
        is_too_many_at_once: Callable[[Any], bool] = lambda _: False,
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
            follows_redirects=follows_redirects,
            refuse=partial(refusal, account_name=account_name, explain=explain),
            asks_for_fewer=partial(asks_for_fewer, is_too_many=is_too_many_at_once),
        )

    def give_up_after(self, tries: int, seconds: float) -> None:
        """Give up sooner than the settings say, if they allow more."""
        self._retry_policy = self._retry_policy.at_most(tries, seconds)

    def named(self, stream: str) -> str:
        """Name the account and a stream, for error messages."""
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
        """Send a request and return its response.

        Args:
            request: The request; its ``url`` is a path below the base URL, or a full URL.
            stream: The stream that needs the response.
            cancelled: Ends all waits when set.
            resend: Whether to send it again after a failure that may have come after the server
                processed it.
            rate: A second rate limit to keep, besides the account's own.

        Raises:
            ApiError: The provider rejected the request, or all tries failed.
            OutcomeUnknown: The server may have processed the request, and ``resend`` is false.
            ReadCancelled: The read was cancelled.
        """
        policy = self._retry_policy
        pending = self._pending(request, stream, cancelled, rate, policy)
        answer = partial(self._answer, pending)
        return self._with_retries(answer, pending, policy=policy, resend=resend)

    def download(  # noqa: PLR0913 - keywords only
        self,
        request: HTTPRequest,
        *,
        into: IO[bytes],
        check: Callable[[IO[bytes]], object],
        stream: str,
        cancelled: Event,
        rate: Rate | None = None,
        most_bytes: int = MOST_FILE_BYTES,
        retry_policy: RetryPolicy | None = None,
    ) -> Mapping[str, str]:
        """Write a response body to a file; fetch it again if it arrives damaged.

        Args:
            request: As for :meth:`fetch`.
            into: The file; its old content is replaced.
            check: Raises BadAnswer if the file, read from its start, is damaged.
            stream: The stream that needs the file.
            cancelled: Ends all waits when set.
            rate: A second rate limit to keep, besides the account's own.
            most_bytes: The most bytes that the file may have.
            retry_policy: How often and for how long to try; None for that of the account.

        Returns:
            The headers of the response.

        Raises:
            ApiError: The provider rejected the request, or all tries failed.
            ReadCancelled: The read was cancelled.
            OSError: The file cannot be written.
        """
        policy = retry_policy or self._retry_policy
        pending = self._pending(request, stream, cancelled, rate, policy, most_bytes)
        return self._with_retries(partial(self._file, pending, into, check), pending, policy=policy)

    def _pending(  # noqa: PLR0913, PLR0917 - what a request needs
        self,
        request: HTTPRequest,
        stream: str,
        cancelled: Event,
        rate: Rate | None,
        policy: RetryPolicy,
        most_bytes: int = MOST_FILE_BYTES,
    ) -> Pending:
        where = self.named(stream)
        prepared = self._connection.prepare(request, where)
        return Pending(prepared, where, cancelled, rate, Deadline(policy.seconds), most_bytes)

    def _with_retries(
        self,
        attempt: Callable[[], Result],
        pending: Pending,
        *,
        policy: RetryPolicy,
        resend: bool = True,
    ) -> Result:
        """Try until there is a result, or the retry policy ends it."""

        def once() -> Result:
            try:
                return attempt()
            except TransientError as error:
                if resend or error.not_done:
                    raise
                raise OutcomeUnknown(str(error)) from None

        announce = self._rate_gate.log_wait
        return try_until_done(once, policy, pending.deadline, pending.cancelled, announce)

    def _answer(self, pending: Pending) -> Answer:
        reply = self._sender.reply(pending)
        if not reply.body and reply.status != HTTPStatus.NO_CONTENT:
            # Only 204 has no body; any other response without one was cut off.
            msg = f"{pending.where}: {phrase(reply.status)}, but with an empty body"
            raise TransientError(msg)
        try:
            return Answer(b"" if reply.status == HTTPStatus.NO_CONTENT else reply.body)
        except ValueError:
            msg = f"{pending.where}: {phrase(reply.status)}, but the response is not valid JSON"
            raise TransientError(msg) from None

    def _file(
        self, pending: Pending, into: IO[bytes], check: Callable[[IO[bytes]], object]
    ) -> Mapping[str, str]:
        reply = self._sender.reply(pending, into)
        into.seek(0)
        try:
            check(into)
        except BadAnswer as error:
            msg = f"{pending.where}: {error}"
            raise TransientError(msg) from None
        return reply.headers
