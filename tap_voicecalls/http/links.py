"""Downloads the files that a provider links to, without any key."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from threading import Lock
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin

from requests.auth import AuthBase
from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError, TransientError, phrase
from tap_voicecalls.common.urls import origin
from tap_voicecalls.http.retry import retry_after
from tap_voicecalls.http.transport.addresses import ForbiddenAddress
from tap_voicecalls.http.transport.connection import Connection
from tap_voicecalls.http.transport.exchange import Deadline, Exchange
from tap_voicecalls.http.tries import try_until_done

if TYPE_CHECKING:
    from collections.abc import Mapping
    from threading import Event

    from requests import PreparedRequest

    from tap_voicecalls.http.retry import RetryPolicy
    from tap_voicecalls.http.transport.addresses import AllowedAddresses
    from tap_voicecalls.http.transport.exchange import Reply

_MOST_HOPS = 5
_MOST_ORIGINS = 16  # with connections kept open
_SCHEMES = {"http", "https"}


class _NoAuth(AuthBase):
    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


class LinkClient:
    """Follows links to files; safe to share between threads.

    Args:
        allowed: The addresses that links may lead to; each redirect is checked as well.
        retry_policy: How often and for how long to try.
        at_once: The maximum number of concurrent downloads.
    """

    def __init__(
        self, allowed: AllowedAddresses, retry_policy: RetryPolicy, *, at_once: int
    ) -> None:
        self._allowed = allowed
        self._retry_policy = retry_policy
        self._lock = Lock()
        self._connection_to = lru_cache(maxsize=_MOST_ORIGINS)(
            lambda base: Connection(
                base,
                _NoAuth(),
                secrets="",
                size=at_once,
                connect_timeout=retry_policy.connect_timeout,
            )
        )

    def download(
        self, url: str, into: IO[bytes], *, most_bytes: int, where: str, cancelled: Event
    ) -> Mapping[str, str]:
        """Write what a link leads to to a file, and return the headers of the response.

        Args:
            url: The link.
            into: The file; its old content is replaced.
            most_bytes: The most bytes that the file may have.
            where: Who needs the file, for error messages.
            cancelled: Ends all waits when set.

        Raises:
            ApiError: The server refused the request, or all tries failed.
            ForbiddenAddress: The link is no http or https address, or leads to one that is not
                allowed.
            ReadCancelled: The read was cancelled.
            ResponseTooLarge: The file is too large.
            OSError: The file cannot be written.
        """
        deadline = Deadline(self._retry_policy.seconds)
        deadline.begin()

        def attempt() -> Mapping[str, str]:
            own = Deadline(deadline.left())  # bytes that arrive extend both
            own.begin()
            exchange = Exchange(
                own,
                deadline,
                most_bytes=most_bytes,
                silence=self._retry_policy.read_timeout,
                cancelled=cancelled,
                before_send=lambda: None,
                allowed=self._allowed,
            )
            return self._follow(url, into, exchange, where)

        return try_until_done(attempt, self._retry_policy, deadline, cancelled)

    def _follow(
        self, url: str, into: IO[bytes], exchange: Exchange, where: str
    ) -> Mapping[str, str]:
        for _ in range(_MOST_HOPS + 1):
            reply = self._send(url, into, exchange, where)
            if not reply.is_redirect:
                return _complete(reply, where)
            url = urljoin(url, reply.headers["Location"])
            exchange.is_sent = False
        msg = f"{where}: redirected more than {_MOST_HOPS} times"
        raise ApiError(msg)

    def _send(self, url: str, into: IO[bytes], exchange: Exchange, where: str) -> Reply:
        try:
            scheme, host, port = origin(url)
        except ValueError:
            scheme = host = port = None
        if scheme not in _SCHEMES or not host:
            raise ForbiddenAddress
        with self._lock:
            connection = self._connection_to(f"{scheme}://{host}:{port}")
        prepared = connection.prepare(HTTPRequest(url, headers={"Accept": "*/*"}), where)
        if connection.has_proxy:
            self._allowed.check(host)
        return connection.send(prepared, exchange, where, into)


def _complete(reply: Reply, where: str) -> Mapping[str, str]:
    """Return the headers of a complete response.

    Raises:
        ApiError: The server refused the request.
        TransientError: The response is not complete.
    """
    if reply.status == HTTPStatus.OK:
        return reply.headers
    msg = f"{where}: {phrase(reply.status)}"
    is_refused = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_refused and reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        raise ApiError(msg, status=reply.status)
    wait = retry_after(reply.headers, datetime.now(UTC), refused=True)
    raise TransientError(msg, wait=wait)
