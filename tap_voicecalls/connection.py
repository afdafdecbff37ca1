"""How requests get to an account's server, and to no other; one try, no retry."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.utils import default_headers
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from tap_voicecalls.errors import ApiError, TransientError
from tap_voicecalls.urls import origin

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from singer_sdk.streams.rest import HTTPRequest

    from tap_voicecalls.auth import AuthBase

# At DEBUG it logs each address, and those of Vonage hold an account's key.
logging.getLogger("urllib3").setLevel(logging.INFO)

_UNREADABLE = "the server names an address that cannot be read"
_HEADERS = {
    **default_headers(),
    "Accept": "application/json",
    "User-Agent": "tap-voicecalls",
}
_PIECE = 1 << 18  # bytes of a file that are in memory at once


class Connection:
    """The connections to one server; safe to share between threads.

    Args:
        base_url: Where the API lives. Keys go to its origin and nowhere else.
        auth: Signs each request.
        size: How many requests may be under way at once.
        timeouts: Seconds to wait for a connection, and for the next bytes of an answer.
    """

    def __init__(
        self, base_url: str, auth: AuthBase, *, size: int, timeouts: tuple[float, float]
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._origin = origin(base_url)
        # Without a session, which would add a tenth to what a request costs, and cookies and
        # the credentials of a .netrc file.
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=size)
        self._options = {**_surroundings(self._base_url), "timeout": timeouts}
        # All requests differ from this one in little: to make each anew would take twice as long.
        self._template = requests.Request("GET", self._base_url, _HEADERS, auth=auth).prepare()

    def prepare(self, request: HTTPRequest, where: str) -> PreparedRequest:
        """Make a request ready; its ``url`` is a path below the base URL, or a whole link.

        Raises:
            ApiError: It would go to another server.
        """
        url = request.url
        if url.startswith("/"):
            url = self._base_url + url
        if query := request.encode_params():
            url = f"{url}?{query}"
        prepared = self._template.copy()
        try:
            prepared.prepare_url(url, None)
        except requests.exceptions.RequestException:
            msg = f"{where}: {_UNREADABLE}"
            raise ApiError(msg) from None
        prepared.prepare_method(request.method)
        prepared.headers.update(request.headers or {})
        if request.data is not None:
            prepared.prepare_body(None, None, json=request.data)
        self._check_origin(prepared, where)
        return prepared

    def send(
        self, prepared: PreparedRequest, where: str, into: IO[bytes] | None = None
    ) -> tuple[Response, bytes]:
        """Send once, and follow no redirect; return the answer and its body.

        Args:
            prepared: The request.
            where: Who asks, for the words of an error.
            into: What the body of a success goes to, in place of all that it held; an empty one is
                returned then.

        Raises:
            TransientError: No whole answer came.
            ApiError: The server cannot be trusted.
        """
        try:
            response = self._adapter.send(prepared, **self._options)
            if into is not None and response.status_code == HTTPStatus.OK:
                _save(response, into)
                return response, b""
            # In one go: requests itself would read a page in a hundred pieces.
            return response, response.raw.read(decode_content=True)
        except requests.exceptions.SSLError:
            msg = f"{where}: the server's certificate cannot be trusted; check `base_url`"
            raise ApiError(msg) from None
        except (requests.exceptions.RequestException, HTTPError) as error:
            # The error's own text quotes the address, which may hold an account's key.
            msg = f"{where}: {type(error).__name__}, check the network and `base_url`"
            raise TransientError(msg, not_done=_not_connected(error)) from None

    def redirected(
        self, prepared: PreparedRequest, response: Response, where: str
    ) -> PreparedRequest:
        """Make the request that a redirect asks for.

        Raises:
            ApiError: It would go to another server.
        """
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
        """Look at what would be sent, not at what was asked for: readers of addresses differ."""
        if origin(prepared.url or "") != self._origin:
            msg = (
                f"{where}: the server points to another origin, which must not get the account's "
                "keys; if the API moved, set `base_url`"
            )
            raise ApiError(msg)


def _save(response: Response, into: IO[bytes]) -> None:
    """Write a body out as it comes: it may be larger than memory."""
    into.seek(0)
    into.truncate()
    with response:
        for piece in response.raw.stream(_PIECE, decode_content=True):
            into.write(piece)


def _not_connected(error: Exception) -> bool:
    """Tell whether there was no connection to send anything on."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _surroundings(base_url: str) -> dict[str, Any]:
    """Look up proxies and certificates, once and not on every request."""
    session = requests.Session()
    return {**session.merge_environment_settings(base_url, {}, stream=True, verify=None, cert=None)}
