"""Sends a request to an account's server, and never to another one; no retries, no redirects."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin

import requests
from requests.utils import default_headers
from urllib3.util import Retry, Timeout

from tap_voicecalls.common.errors import (
    ApiError,
    OtherOrigin,
    ReadCancelled,
    ResponseTooLarge,
    TransientError,
    phrase,
)
from tap_voicecalls.common.urls import origin
from tap_voicecalls.http.transport.addresses import ForbiddenAddress
from tap_voicecalls.http.transport.body import (
    PageMemory,
    WriteError,
    read_page,
    read_refusal,
    save_file,
)
from tap_voicecalls.http.transport.environment import BundleError, proxies_and_bundle, trusting
from tap_voicecalls.http.transport.exchange import Paused, Reply, TooLarge
from tap_voicecalls.http.transport.network_errors import describe
from tap_voicecalls.http.transport.pool import EXCHANGE, Adapter

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_SEE_OTHER = 303
_SHORTEST = 0.001  # seconds; the library rejects a timeout of 0
_LONGEST = 86_400  # seconds; the system rejects a timeout of a month
_WITH_BODY = {200, 201, 202}
# Nothing to encode, and no way to another origin: preparing it would take a fifth of a request.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)+/?")


class Connection:
    """The connections to one server; safe to share between threads.

    A bad key, address or certificate file is reported when the first request is prepared, so that
    it is an error of this account alone.

    Args:
        base_url: The API's address. Keys are only ever sent to its origin.
        auth: Authenticates each request.
        secrets: Names of the settings that hold the keys, for error messages.
        size: The maximum number of concurrent requests.
        connect_timeout: Seconds to wait for a connection.
    """

    def __init__(
        self, base_url: str, auth: AuthBase, *, secrets: str, size: int, connect_timeout: float
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._connect_timeout = connect_timeout
        self._memory = PageMemory()
        self._problem = ""
        try:
            self._origin = origin(base_url)
            # Requests are copies of a template: building each from scratch takes twice as long.
            self._template = requests.Request("GET", self._base_url, _HEADERS, auth=auth).prepare()
            self._prepared_base_url = (self._template.url or "").rstrip("/")
            if not all(map(_fits_a_header, self._template.headers.values())):
                self._problem = f"check {secrets}: a key has characters that no key can have"
            # No session: it adds a tenth to the cost of a request, keeps cookies, and reads
            # credentials from .netrc.
            self._proxies, bundle = proxies_and_bundle(self._base_url)
            schemes = {self._origin[0], *(url.partition(":")[0] for url in self._proxies.values())}
            self._adapter = Adapter(trusting(bundle) if "https" in schemes else None, size)
            self._pool: HTTPConnectionPool = self._adapter.pool(self._template, self._proxies)
        except BundleError as error:
            self._problem = self._problem or str(error)
        except (requests.exceptions.RequestException, ValueError, OSError) as error:
            self._problem = self._problem or describe(error)[0]

    @property
    def has_proxy(self) -> bool:
        """Whether requests go to a proxy, which resolves the server's name."""
        return self._pool.proxy is not None

    def prepare(self, request: HTTPRequest, where: str) -> PreparedRequest:
        """Prepare a request; its ``url`` is a path below the base URL, or a full URL.

        Raises:
            OtherOrigin: The URL is of another origin.
            ApiError: The account is not usable.
        """
        if self._problem:
            msg = f"{where}: {self._problem}"
            raise ApiError(msg)
        prepared, url = self._template.copy(), request.url
        if _PLAIN_PATH.fullmatch(url):
            prepared.url = self._prepared_base_url + url
        else:
            url = self._base_url + url if url.startswith("/") else url
            self._set_url(prepared, url, where, "200 OK")
        if query := request.encode_params():  # encoded: parsing it would take half of the time
            prepared.url = f"{prepared.url}?{query}"
        prepared.prepare_method(request.method)
        prepared.headers.update(request.headers or {})
        if request.data is not None:
            prepared.prepare_body(None, None, json=request.data)
        return prepared

    def redirected(self, prepared: PreparedRequest, reply: Reply, where: str) -> PreparedRequest:
        """Prepare the request that a redirect asks for.

        Raises:
            OtherOrigin: The redirect points to another origin.
            ApiError: It points nowhere.
        """
        redirected = prepared.copy()
        status = phrase(reply.status)
        try:
            url = urljoin(prepared.url or "", reply.headers["Location"])
        except ValueError:
            url = ""
        self._set_url(redirected, url, where, status)
        if reply.status == _SEE_OTHER:
            redirected.prepare_method("GET")
            redirected.prepare_body(None, None)
        return redirected

    def _set_url(self, prepared: PreparedRequest, url: str, where: str, status: str) -> None:
        """Set a request's URL and check its origin, as it will be sent: URL parsers differ."""
        try:
            prepared.prepare_url(url, None)
            target = origin(prepared.url or "")
        except (ValueError, requests.exceptions.RequestException):
            msg = f"{where}: {status} points to an address that cannot be parsed"
            raise ApiError(msg) from None
        if target != self._origin:
            msg = (
                f"{where}: {status} points to another origin, which must not get the account's "
                "keys; if the API moved, set `base_url`"
            )
            raise OtherOrigin(msg, prepared.url or "")

    def send(
        self,
        prepared: PreparedRequest,
        exchange: Exchange,
        where: str,
        into: IO[bytes] | None = None,
    ) -> Reply:
        """Send a request once, without following redirects.

        Args:
            prepared: The request.
            exchange: The limits of this try.
            where: The account and stream, for error messages.
            into: A file for the body of a success; None to return the body in the reply.

        Raises:
            ApiError: The server is not trusted.
            ForbiddenAddress: The exchange does not allow the server's address.
            ResponseTooLarge: The response exceeds the limit.
            OSError: The file cannot be written.
            Paused: The server asked for a pause before the request was sent.
            ReadCancelled: The read was cancelled.
            TransientError: The request failed in a way that may pass.
        """
        token, so_far = EXCHANGE.set(exchange), ""
        try:
            with self._open(prepared, exchange) as response:
                so_far = f"{phrase(response.status)}, but "
                body = self._body(response, exchange, into)
                return Reply(response.status, response.headers, body)
        except (Paused, ReadCancelled, ForbiddenAddress):
            raise
        except WriteError as failure:
            raise failure.error from None
        except Exception as error:  # noqa: BLE001 - hostile bytes raise errors in four libraries
            text, may_pass = describe(error, is_sent=exchange.is_sent)
            msg = f"{where}: {so_far}{text}"
            if may_pass:
                raise TransientError(msg, not_done=not exchange.is_sent) from None
            raise (ResponseTooLarge if isinstance(error, TooLarge) else ApiError)(msg) from None
        finally:
            EXCHANGE.reset(token)

    @contextmanager
    def _open(self, prepared: PreparedRequest, exchange: Exchange) -> Iterator[BaseHTTPResponse]:
        """Send a request; give its connection back at the end, or close it if bytes are left."""
        left = max(exchange.deadline.left(), _SHORTEST)
        connect_timeout = min(self._connect_timeout, left, _LONGEST)
        response = self._pool.urlopen(
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
        try:
            yield response
        finally:
            response.close()
            response.release_conn()

    def _body(
        self, response: BaseHTTPResponse, exchange: Exchange, into: IO[bytes] | None
    ) -> bytes:
        """Read the body; the file is for successes only."""
        if response.status not in _WITH_BODY:
            return read_refusal(response)
        if into is None:
            return read_page(response, self._memory)
        save_file(response, into, exchange)
        return b""


def _fits_a_header(text: str) -> bool:
    return text.isascii() and text.isprintable()
