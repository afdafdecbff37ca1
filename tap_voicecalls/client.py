"""What sends the requests of an account until they are answered, and words what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING, Any, TypeVar

import backoff

from tap_voicecalls.answers import Answer
from tap_voicecalls.connection import Connection
from tap_voicecalls.errors import (
    ApiError,
    BadAnswer,
    ReadingOver,
    TransientError,
    advice,
    phrase,
    safe_title,
)
from tap_voicecalls.pace import Pace, sleep
from tap_voicecalls.payload import decode
from tap_voicecalls.retry import asked_wait, waits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from threading import Event

    from requests import PreparedRequest, Response
    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.auth import AuthBase
    from tap_voicecalls.retry import Patience

Result = TypeVar("Result")

_MOST_REDIRECTS = 5
_TRANSIENT_REFUSALS = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose requests these are, for the words of an error.

    Attributes:
        provider: Name of the provider's settings object.
        account: Label of the account.
        secrets: Names of the settings that hold its keys.
    """

    provider: str
    account: str
    secrets: tuple[str, ...]


class ApiClient:
    """Sends the requests of one account of one provider; safe to share between threads.

    Args:
        identity: Whose requests these are.
        base_url: Where the API lives. Keys go to its origin and nowhere else.
        auth: Signs each request.
        explain: Finds the provider's own error code and title in a decoded error answer.
        requests_per_second: The limit over all threads; None for no limit.
        connections: How many requests may be under way at once.
        patience: How long to keep trying.
    """

    def __init__(  # noqa: PLR0913 - keywords: all that makes up an account
        self,
        identity: Identity,
        *,
        base_url: str,
        auth: AuthBase,
        explain: Callable[[Any], str],
        requests_per_second: float | None,
        connections: int,
        patience: Patience,
    ) -> None:
        self._identity = identity
        self._explain = explain
        self._patience = patience
        self._pace = Pace(requests_per_second, patience.seconds)
        self._slots = BoundedSemaphore(connections)
        timeouts = (patience.connect_timeout, patience.read_timeout)
        self._connection = Connection(base_url, auth, size=connections, timeouts=timeouts)

    def named(self, stream: str) -> str:
        """Say who asks, for the words of an error."""
        return f"{self._identity.provider} (account {self._identity.account}), {stream}"

    def fetch(self, request: HTTPRequest, *, stream: str, over: Event) -> Answer:
        """Send a request and return its answer.

        Args:
            request: What to ask for; its ``url`` is a path below the base URL, or a whole link.
            stream: The stream that asks.
            over: Ends all waiting when set.

        Raises:
            ApiError: The provider refuses, or keeps failing for longer than allowed.
            ReadingOver: Nobody waits for the answer any more.
        """
        return self._tried(self._answer, request, stream, over)

    def download(
        self,
        request: HTTPRequest,
        *,
        into: IO[bytes],
        check: Callable[[IO[bytes]], object],
        stream: str,
        over: Event,
    ) -> None:
        """Write what is answered to a file; one that comes broken is fetched anew.

        Args:
            request: As for :meth:`fetch`.
            into: The file; what it held is gone.
            check: Raises BadAnswer if the file, given from its start, cannot be what was sent.
            stream: The stream that asks.
            over: Ends all waiting when set.

        Raises:
            ApiError: The provider refuses, or keeps failing for longer than allowed.
            ReadingOver: Nobody waits for the file any more.
            OSError: The file cannot be written.
        """
        self._tried(partial(self._file, into, check), request, stream, over)

    def _tried(
        self,
        attempt: Callable[[PreparedRequest, str, Event], Result],
        request: HTTPRequest,
        stream: str,
        over: Event,
    ) -> Result:
        """Attempt a request until there is a result, or no patience left."""
        where = self.named(stream)
        patient: Callable[[PreparedRequest, str, Event], Result] = backoff.on_exception(
            partial(self._pauses, over),
            TransientError,
            max_tries=self._patience.tries,
            max_time=self._patience.seconds,
            giveup=lambda error: error.wait > self._patience.seconds,
            jitter=None,
            logger=None,
        )(attempt)
        try:
            return patient(self._connection.prepare(request, where), where, over)
        except TransientError as error:
            msg = f"{error}; gave up, see `max_tries` and `max_retry_seconds`"
            raise ApiError(msg) from None

    def _pauses(self, over: Event) -> Generator[float, TransientError, None]:
        """Wait after each failure that is sent in; the caller itself then has nothing to wait."""
        steps = waits()
        next(steps)
        error = yield 0
        for tries in count(1):
            step = steps.send(error)
            line = f"{error}; trying again in {step:.1f} s (try {tries} failed)"
            self._pace.log_wait(line, step)
            sleep(step, over)
            error = yield 0

    def _answer(self, prepared: PreparedRequest, where: str, over: Event) -> Answer:
        body = self._body(prepared, where, over)
        try:
            return Answer(body)
        except ValueError:
            msg = f"{where}: the answer is no JSON"
            raise TransientError(msg) from None

    def _file(
        self,
        into: IO[bytes],
        check: Callable[[IO[bytes]], object],
        prepared: PreparedRequest,
        where: str,
        over: Event,
    ) -> None:
        self._body(prepared, where, over, into)
        into.seek(0)
        try:
            check(into)
        except BadAnswer as error:
            msg = f"{where}: {error}"
            raise TransientError(msg) from None

    def _body(
        self, prepared: PreparedRequest, where: str, over: Event, into: IO[bytes] | None = None
    ) -> bytes:
        """Send a request, and return the body of a success, unless it goes to a file."""
        response, body = self._send(prepared, where, over, into)
        wait = asked_wait(response.headers, datetime.now(UTC), refused=not response.ok)
        self._pace.be_quiet(wait, phrase(response.status_code))
        if not response.ok:
            raise self._refusal(response.status_code, body, where, wait)
        if into is None and not body and response.status_code != HTTPStatus.NO_CONTENT:
            # Only 204 says that there is nothing; all else without a body was cut.
            msg = f"{where}: {phrase(response.status_code)} with an empty body"
            raise TransientError(msg)
        return body

    def _send(
        self, prepared: PreparedRequest, where: str, over: Event, into: IO[bytes] | None
    ) -> tuple[Response, bytes]:
        """Send once, following redirects."""
        for _ in range(_MOST_REDIRECTS):
            self._pace.await_turn(over, where)
            with self._slots:
                if over.is_set():
                    raise ReadingOver
                response, body = self._connection.send(prepared, where, into)
            if not response.is_redirect:
                return response, body
            prepared = self._connection.redirected(prepared, response, where)
        msg = f"{where}: redirected more than {_MOST_REDIRECTS} times; check `base_url`"
        raise ApiError(msg)

    def _refusal(
        self, status: int, body: bytes, where: str, wait: float
    ) -> ApiError | TransientError:
        msg = f"{where}: {phrase(status)}{self._own_words(body)}"
        if status in _TRANSIENT_REFUSALS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return TransientError(msg, wait=wait)
        identity = self._identity
        hint = advice(status, provider=identity.provider, secrets=identity.secrets)
        return ApiError(f"{msg}; {hint}", status=status)

    def _own_words(self, body: bytes) -> str:
        try:
            words = safe_title(self._explain(decode(body)))
        except ValueError:
            return ""
        return f" ({words})" if words else ""
