"""What sends the requests of an account until they are answered, and words what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import backoff

from tap_voicecalls.answers import Answer
from tap_voicecalls.connection import Connection
from tap_voicecalls.errors import ApiError, ReadingOver, TransientError, advice, phrase, safe_title
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
        where = self.named(stream)
        attempt = backoff.on_exception(
            partial(self._pauses, over),
            TransientError,
            max_tries=self._patience.tries,
            max_time=self._patience.seconds,
            giveup=lambda error: error.wait > self._patience.seconds,
            jitter=None,
            logger=None,
        )(self._attempt)
        try:
            return attempt(self._connection.prepare(request, where), where, over)
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

    def _attempt(self, prepared: PreparedRequest, where: str, over: Event) -> Answer:
        response, body = self._send(prepared, where, over)
        wait = asked_wait(response.headers, datetime.now(UTC), refused=not response.ok)
        self._pace.be_quiet(wait, phrase(response.status_code))
        if not response.ok:
            raise self._refusal(response.status_code, body, where, wait)
        try:
            return Answer(body)
        except ValueError:
            msg = f"{where}: the answer is no JSON"
            raise TransientError(msg) from None

    def _send(self, prepared: PreparedRequest, where: str, over: Event) -> tuple[Response, bytes]:
        """Send once, following redirects."""
        for _ in range(_MOST_REDIRECTS):
            self._pace.await_turn(over, where)
            with self._slots:
                if over.is_set():
                    raise ReadingOver
                response, body = self._connection.send(prepared, where)
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
