"""How requests get to an account's server, and to no other; one try, no retry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin

import requests
from requests.utils import default_headers
from urllib3.util import Retry, Timeout

from tap_voicecalls.common.errors import ApiError, ReadCancelled, TransientError, phrase
from tap_voicecalls.common.urls import origin
from tap_voicecalls.http.transport.body import Memory, NotWritten, beginning, save, whole
from tap_voicecalls.http.transport.environment import distrust, proxies_and_certificates
from tap_voicecalls.http.transport.exchange import Paused
from tap_voicecalls.http.transport.network_errors import words
from tap_voicecalls.http.transport.pool import EXCHANGE, Adapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest
    from singer_sdk.streams.rest import HTTPRequest
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

    from tap_voicecalls.http.auth import AuthBase
    from tap_voicecalls.http.transport.exchange import Exchange

_HEADERS = {
    **default_headers(),
    "Accept": "application/json",
    "User-Agent": "tap-voicecalls",
}
_NO_RETRY = Retry(total=False, redirect=False)
_REDIRECTS = {301, 302, 303, 307, 308}
_SEE_OTHER = 303
_SHORTEST = 0.001  # seconds; a time-out of none is an error of its own
_LONGEST = 86_400  # seconds; the system takes no time-out of a month
_WITH_BODY = {200, 201, 202}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request.

    Attributes:
        status: Its status.
        headers: Its headers, whatever their case.
        body: Its body, decompressed; of a refusal, only if it is short.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        """Whether it names another address to ask."""
        return self.status in _REDIRECTS and "Location" in self.headers


class Connection:
    """The connections to one server; safe to share between threads.

    What cannot work is told when something is to be sent, as one clear error of the account.

    Args:
        base_url: Where the API lives. Keys go to its origin and nowhere else.
        auth: Signs each request.
        secrets: Names of the settings that hold the keys, for the words of an error.
        size: How many requests may be under way at once.
        connect_timeout: Seconds to wait for a connection.
    """

    def __init__(
        self, base_url: str, auth: AuthBase, *, secrets: str, size: int, connect_timeout: float
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._connect_timeout = connect_timeout
        self._memory = Memory()
        self._problem = ""
        try:
            self._origin = origin(base_url)
            # All requests differ from this one in little: to make each anew takes twice as long.
            self._template = requests.Request("GET", self._base_url, _HEADERS, auth=auth).prepare()
            if not _fits_a_header(self._template.headers.get("Authorization", "")):
                self._problem = f"check {secrets}: a key has characters that no key can have"
            # Without a session, which adds a tenth to what a request costs, cookies, and the
            # credentials of a .netrc file.
            self._adapter = Adapter(pool_connections=1, pool_maxsize=size)
            self._proxies, verify = proxies_and_certificates(self._base_url)
            self._pool = self._made_pool(verify)
        except (requests.exceptions.RequestException, ValueError, OSError) as error:
            self._problem = self._problem or words(error)[0]

    def _made_pool(self, verify: bool | str) -> HTTPConnectionPool:  # noqa: FBT001 - requests' word
        """Make the pool now: threads share it."""
        if self._origin[0] == "https" and isinstance(verify, str):
            self._problem = self._problem or distrust(verify)
        if self._problem:
            verify = True
        return self._adapter.pool(self._template, verify=verify, proxies=self._proxies)

    def prepare(self, request: HTTPRequest, where: str) -> PreparedRequest:
        """Make a request ready; its ``url`` is a path below the base URL, or a whole link.

        Raises:
            ApiError: It would go to another server, or nothing can be sent at all.
        """
        if self._problem:
            msg = f"{where}: {self._problem}"
            raise ApiError(msg)
        url = request.url
        if url.startswith("/"):
            url = self._base_url + url
        if query := request.encode_params():
            url = f"{url}?{query}"
        prepared = self._template.copy()
        self._address(prepared, url, where, "200 OK")
        prepared.prepare_method(request.method)
        prepared.headers.update(request.headers or {})
        if request.data is not None:
            prepared.prepare_body(None, None, json=request.data)
        return prepared

    def redirected(self, prepared: PreparedRequest, reply: Reply, where: str) -> PreparedRequest:
        """Make the request that a redirect asks for.

        Raises:
            ApiError: It would go to another server.
        """
        redirected = prepared.copy()
        status = phrase(reply.status)
        try:
            url = urljoin(prepared.url or "", reply.headers["Location"])
        except ValueError:
            url = ""
        self._address(redirected, url, where, status)
        if reply.status == _SEE_OTHER:
            redirected.prepare_method("GET")
            redirected.prepare_body(None, None)
        return redirected

    def _address(self, prepared: PreparedRequest, url: str, where: str, status: str) -> None:
        """Set where a request goes; what is checked is what would be sent: readers differ."""
        try:
            prepared.prepare_url(url, None)
            goes_to = origin(prepared.url or "")
        except (ValueError, requests.exceptions.RequestException):
            msg = f"{where}: {status} names an address that cannot be read"
            raise ApiError(msg) from None
        if goes_to != self._origin:
            msg = (
                f"{where}: {status} points to another origin, which must not get the account's "
                "keys; if the API moved, set `base_url`"
            )
            raise ApiError(msg)

    def send(
        self,
        prepared: PreparedRequest,
        exchange: Exchange,
        where: str,
        into: IO[bytes] | None = None,
    ) -> Reply:
        """Send once, and follow no redirect.

        Args:
            prepared: The request.
            exchange: What bounds it.
            where: Who asks, for the words of an error.
            into: What the body of a success goes to, in place of all that it held; an empty one is
                returned then.

        Raises:
            ApiError: The server cannot be trusted, or sends too much.
            OSError: The file cannot be written.
            Paused: The server asked for a pause before the request was sent.
            ReadCancelled: Nobody waits for the answer any more.
            TransientError: No whole answer came.
        """
        token, so_far = EXCHANGE.set(exchange), ""
        try:
            with self._sent(prepared, exchange) as answer:
                so_far = f"{phrase(answer.status)}, but "
                return Reply(answer.status, answer.headers, self._body(answer, exchange, into))
        except (Paused, ReadCancelled):
            raise
        except NotWritten as failed:
            raise failed.error from None
        except Exception as error:  # noqa: BLE001 - hostile bytes trip any of four libraries
            text, may_pass = words(error, is_sent=exchange.is_sent)
            msg = f"{where}: {so_far}{text}"
            if may_pass:
                raise TransientError(msg, not_done=not exchange.is_sent) from None
            raise ApiError(msg) from None
        finally:
            EXCHANGE.reset(token)

    def _sent(self, prepared: PreparedRequest, exchange: Exchange) -> _Closing:
        left = max(exchange.deadline.left(), _SHORTEST)
        connect_timeout = min(self._connect_timeout, left, _LONGEST)
        answer = self._pool.urlopen(
            prepared.method or "GET",
            self._adapter.request_url(prepared, self._proxies),
            body=prepared.body,
            headers=prepared.headers,
            retries=_NO_RETRY,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            timeout=Timeout(connect=connect_timeout, read=None),
        )
        return _Closing(answer)

    def _body(self, answer: BaseHTTPResponse, exchange: Exchange, into: IO[bytes] | None) -> bytes:
        """Read the body of a success, to a file if there is one, and of all else a little."""
        if answer.status not in _WITH_BODY:
            return beginning(answer)
        if into is None:
            return whole(answer, self._memory)
        save(answer, into, exchange)
        return b""


class _Closing:
    """Gives an answer's connection back if the answer was read to its end, and else closes it."""

    def __init__(self, answer: BaseHTTPResponse) -> None:
        self._answer = answer

    def __enter__(self) -> BaseHTTPResponse:
        return self._answer

    def __exit__(self, *_: object) -> None:
        self._answer.close()
        self._answer.release_conn()


def _fits_a_header(text: str) -> bool:
    return text.isascii() and text.isprintable()
