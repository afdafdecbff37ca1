"""The one place that sends requests: authentication, time-outs, retries, redirects and errors."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import backoff
import requests
from requests.adapters import HTTPAdapter

from tap_voicecalls.errors import (
    ApiError,
    ReadingOver,
    TransientError,
    advice,
    phrase,
    safe_title,
)
from tap_voicecalls.payload import decode
from tap_voicecalls.rate_limit import rate_limiter
from tap_voicecalls.retry import asked_wait, waits
from tap_voicecalls.urls import origin

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from threading import Event

    from requests import PreparedRequest, Response
    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.auth import AuthBase
    from tap_voicecalls.retry import Patience

_logger = logging.getLogger("tap-voicecalls")

_MOST_REDIRECTS = 5
_UNREADABLE = "the server names an address that cannot be read"
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
        self._base_url = base_url.rstrip("/")
        self._origin = origin(base_url)
        self._explain = explain
        self._patience = patience
        self._take_turn = rate_limiter(requests_per_second)
        self._lock = Lock()
        self._quiet_until = 0.0  # monotonic; set when the server asks all of us to wait
        self._logged_until = 0.0
        self._session = _session(self._base_url, auth, connections)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def named(self, stream: str) -> str:
        """Say who asks, for the words of an error."""
        return f"{self._identity.provider} (account {self._identity.account}), {stream}"

    def fetch(self, request: HTTPRequest, *, stream: str, over: Event) -> Any:  # noqa: ANN401
        """Send a request and return its decoded answer.

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
            return attempt(self._prepare(request, where), where, over)
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
            self._log_wait(f"{error}; trying again in {step:.1f} s (try {tries} failed)", step)
            _sleep(step, over)
            error = yield 0

    def _prepare(self, request: HTTPRequest, where: str) -> PreparedRequest:
        url = request.url
        if url.startswith("/"):
            url = self._base_url + url
        if query := request.encode_params():
            url = f"{url}?{query}"
        asked = requests.Request(request.method, url, headers=request.headers, json=request.data)
        try:
            prepared = self._session.prepare_request(asked)
        except requests.exceptions.RequestException:
            msg = f"{where}: {_UNREADABLE}"
            raise ApiError(msg) from None
        self._check_origin(prepared, where)
        return prepared

    def _attempt(self, prepared: PreparedRequest, where: str, over: Event) -> Any:  # noqa: ANN401
        response = self._send(prepared, where, over)
        wait = self._heed(response)
        if response.ok:
            try:
                return decode(response.content)
            except ValueError:
                msg = f"{where}: the answer is no JSON"
                raise TransientError(msg) from None
        raise self._refusal(response, where, wait)

    def _send(self, prepared: PreparedRequest, where: str, over: Event) -> Response:
        """Send once, following redirects within the origin."""
        for _ in range(_MOST_REDIRECTS):
            self._await_turn(over, where)
            response = self._send_once(prepared, where)
            if not response.is_redirect:
                return response
            prepared = self._redirected(prepared, response, where)
        msg = f"{where}: redirected more than {_MOST_REDIRECTS} times; check `base_url`"
        raise ApiError(msg)

    def _send_once(self, prepared: PreparedRequest, where: str) -> Response:
        try:
            return self._session.send(
                prepared,
                allow_redirects=False,
                timeout=(self._patience.connect_timeout, self._patience.read_timeout),
            )
        except requests.exceptions.SSLError:
            msg = f"{where}: the server's certificate cannot be trusted; check `base_url`"
            raise ApiError(msg) from None
        except requests.exceptions.RequestException as error:
            # The error's own text quotes the address, which may hold an account's key.
            msg = f"{where}: {type(error).__name__}"
            raise TransientError(msg) from None

    def _await_turn(self, over: Event, where: str) -> None:
        while (wait := self._quiet_until - time.monotonic()) > 0:
            if wait > self._patience.seconds:
                msg = f"{where}: the server asks to wait {wait:.0f} s, see `max_retry_seconds`"
                raise ApiError(msg)
            _sleep(wait, over)
        self._take_turn()

    def _log_wait(self, line: str, seconds: float) -> None:
        """Log a wait, unless one is logged that is still going on: threads mostly wait together."""
        now = time.monotonic()
        with self._lock:
            known = now < self._logged_until
            self._logged_until = max(self._logged_until, now + seconds)
        if not known:
            _logger.warning("%s", line)

    def _heed(self, response: Response) -> float:
        """Keep all threads quiet for as long as the server asks; return the seconds."""
        wait = asked_wait(response.headers, datetime.now(UTC), refused=not response.ok)
        with self._lock:
            self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
        return wait

    def _refusal(self, response: Response, where: str, wait: float) -> ApiError | TransientError:
        status = response.status_code
        msg = f"{where}: {phrase(status)}{self._own_words(response)}"
        if status in _TRANSIENT_REFUSALS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return TransientError(msg, wait=wait)
        identity = self._identity
        hint = advice(status, provider=identity.provider, secrets=identity.secrets)
        return ApiError(f"{msg}; {hint}", status=status)

    def _own_words(self, response: Response) -> str:
        try:
            words = safe_title(self._explain(decode(response.content)))
        except ValueError:
            return ""
        return f" ({words})" if words else ""

    def _redirected(
        self, prepared: PreparedRequest, response: Response, where: str
    ) -> PreparedRequest:
        redirected = prepared.copy()
        try:
            redirected.prepare_url(urljoin(response.url, response.headers["Location"]), None)
        except (ValueError, requests.exceptions.RequestException):
            msg = f"{where}: {_UNREADABLE}"
            raise ApiError(msg) from None
        self._check_origin(redirected, where)
        if response.status_code == HTTPStatus.SEE_OTHER:
            redirected.prepare_method("GET")
            redirected.prepare_body(None, None)
        return redirected

    def _check_origin(self, prepared: PreparedRequest, where: str) -> None:
        """Refuse to send to anybody but the configured server; looks at what would be sent."""
        if origin(prepared.url or "") != self._origin:
            msg = (
                f"{where}: the server points to another origin, which must not get the account's "
                f"keys; if it moved, set `{self._identity.provider}.base_url`"
            )
            raise ApiError(msg)


# At DEBUG it logs each address, and those of Vonage hold an account's key.
logging.getLogger("urllib3").setLevel(logging.INFO)


def _session(base_url: str, auth: AuthBase, connections: int) -> requests.Session:
    session = requests.Session()
    session.auth = auth
    session.headers.update({"Accept": "application/json", "User-Agent": "tap-voicecalls"})
    session.mount(base_url, HTTPAdapter(pool_connections=1, pool_maxsize=connections))
    # Proxies and certificates are looked up once, not on every request; and without trust_env a
    # .netrc file cannot put other credentials in.
    found = session.merge_environment_settings(base_url, {}, None, None, None)
    session.proxies, session.verify, session.cert = found["proxies"], found["verify"], found["cert"]
    session.trust_env = False
    return session


def _sleep(seconds: float, over: Event) -> None:
    if over.wait(seconds):
        raise ReadingOver
