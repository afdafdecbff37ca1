"""A connection pool whose connections enforce the limits of their exchange.

The timeouts of urllib3 apply to single reads: a server that sends one byte per second, or endless
`100 Continue`, never exceeds them. So each read of a response checks the exchange's deadline.
"""

from __future__ import annotations

import http.client
import io
import logging
import re
from contextlib import suppress
from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

if TYPE_CHECKING:
    from socket import socket
    from ssl import SSLContext

    from requests import PreparedRequest
    from urllib3 import PoolManager, ProxyManager

    from tap_voicecalls.http.transport.exchange import Exchange

EXCHANGE: ContextVar[Exchange] = ContextVar("EXCHANGE")
"""The exchange of the current thread."""


class Adapter(HTTPAdapter):
    """Finds the connection pool of a server, through a proxy if there is one.

    Args:
        trusted: The TLS settings of all connections, also of those to a proxy.
        size: The maximum number of connections.
    """

    def __init__(self, trusted: SSLContext | None, size: int) -> None:
        self._trusted = trusted
        super().__init__(pool_connections=1, pool_maxsize=size)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as in requests
        """Use connections that enforce limits."""
        super().init_poolmanager(*args, **options, ssl_context=self._trusted)
        _bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:  # noqa: ANN401
        """Use them for proxies, too."""
        options |= {"ssl_context": self._trusted}
        if not proxy.lower().startswith("socks"):
            options |= {"proxy_ssl_context": self._trusted}
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        _bound(manager)
        return manager

    def pool(self, request: PreparedRequest, proxies: dict[str, str]) -> HTTPConnectionPool:
        """Return the connection pool for a request.

        Raises:
            ValueError: The address, or the proxy's address, is invalid.
        """
        pool: Any = self.get_connection_with_tls_context(request, verify=True, proxies=proxies)
        return cast("HTTPConnectionPool", pool)


class _Incoming(io.RawIOBase):
    """The bytes of a connection, read through the exchange and its limits."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - a socket or a wrapper
        super().__init__()
        self._connection = connection
        # http.client expects the socket to stay open until this file is closed.
        self._file = connection.makefile("rb", buffering=0)
        self._exchange = EXCHANGE.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        return self._exchange.receive(self._connection, buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _BoundResponse(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as in http.client
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Incoming(sock))

    def _read_status(self) -> tuple[str, int, str]:
        """Read the status; skip all interim responses (1xx), while http.client only skips `100`.

        Otherwise the final response would be read as the response to the next request.
        """
        while True:
            status: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if status[1] == HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.BadStatusLine(status[2])
            if not HTTPStatus.CONTINUE < status[1] < HTTPStatus.OK:
                return status
            http.client.parse_headers(self.fp)


class _BoundConnection(http.client.HTTPConnection):
    response_class = _BoundResponse

    def connect(self) -> None:
        exchange = EXCHANGE.get()
        was_sent, exchange.is_sent = exchange.is_sent, True  # CONNECT to a proxy is not the request
        try:
            super().connect()
        finally:
            exchange.is_sent = was_sent

    def send(self, data: Any) -> None:  # noqa: ANN401 - as in http.client
        if self.sock is None:
            self.connect()
        EXCHANGE.get().send()
        super().send(data)


class _BoundHTTPConnection(_BoundConnection, HTTPConnection):
    def _new_conn(self) -> socket:
        """Connect, if the exchange has a rule for addresses, to one that was checked.

        The name is resolved once: a second lookup could have another result.
        """
        allowed = EXCHANGE.get().allowed
        if allowed is None or self.proxy is not None:
            return super()._new_conn()
        name = self._dns_host
        try:
            addresses = allowed.resolve(self.host, self.port)
        except OSError as error:
            raise NewConnectionError(self, "name not resolved") from error
        try:
            for address in addresses[:-1]:
                self._dns_host = address
                with suppress(NewConnectionError, ConnectTimeoutError):
                    return super()._new_conn()
            self._dns_host = addresses[-1]
            return super()._new_conn()
        finally:
            self._dns_host = name


class _BoundHTTPSConnection(_BoundHTTPConnection, HTTPSConnection):
    pass


class _BoundHTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundHTTPConnection


class _BoundHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundHTTPSConnection


def _bound(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _BoundHTTPPool, "https": _BoundHTTPSPool}


class _NoQueries(logging.Filter):
    """Removes the query from URLs in the log, since it may contain an account's key."""

    _QUERY = re.compile(r"\?[^\s'\"]+")

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            return False  # a traceback quotes response headers and the URL
        record.msg, record.args = self._QUERY.sub("?...", record.getMessage()), None
        return True


# Set on the loggers themselves, so that no logging configuration removes it.
for _name in (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
):
    logging.getLogger(_name).addFilter(_NoQueries())
# At DEBUG, urllib3 logs one line per request, which does not help to debug the tap.
logging.getLogger("urllib3").setLevel(logging.INFO)
