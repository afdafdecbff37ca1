"""The pool of connections to a server, each of which keeps to the bounds of its exchange.

The library's own time-outs are for one read each: a server that sends one byte a second, or
`100 Continue` for ever, passes them all. So what an answer is read from looks at the clock itself.
"""

from __future__ import annotations

import http.client
import io
import logging
import re
from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from requests import PreparedRequest
    from urllib3 import PoolManager, ProxyManager

    from tap_voicecalls.http.transport.exchange import Exchange

EXCHANGE: ContextVar[Exchange] = ContextVar("EXCHANGE")
"""What the current thread is doing on a connection."""


class Adapter(HTTPAdapter):
    """Finds the pool of a server, by way of a proxy where the machine has one."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as above
        """Let connections keep to their bounds."""
        super().init_poolmanager(*args, **options)
        _bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:  # noqa: ANN401
        """Let those by way of a proxy do so as well."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        _bound(manager)
        return manager

    def pool(
        self, request: PreparedRequest, *, verify: bool | str, proxies: dict[str, str]
    ) -> HTTPConnectionPool:
        """Return the connections that a request goes over.

        Raises:
            OSError: There are no certificates where there should be.
            ValueError: The address, or that of the proxy, cannot be used.
        """
        found: Any = self.get_connection_with_tls_context(request, verify, proxies=proxies)
        self.cert_verify(found, request.url, verify, None)  # type: ignore[no-untyped-call]
        return cast("HTTPConnectionPool", found)


class _Incoming(io.RawIOBase):
    """What comes on a connection, as the exchange lets it."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - a socket, or what wraps one
        super().__init__()
        self._connection = connection
        # The connection stays open until this is closed: the library counts on it.
        self._file = connection.makefile("rb", buffering=0)
        self._exchange = EXCHANGE.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        return self._exchange.receive(self._connection, buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _BoundAnswer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401 - http.client's
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Incoming(sock))

    def _read_status(self) -> tuple[str, int, str]:
        """Read the status; interim ones are skipped, of which the library knows but `100`.

        Else the real answer, which follows, would be taken for that to the next request.
        """
        while True:
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if found[1] == HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.BadStatusLine(found[2])
            if not HTTPStatus.CONTINUE < found[1] < HTTPStatus.OK:
                return found
            http.client.parse_headers(self.fp)


class _Bound(http.client.HTTPConnection):
    response_class = _BoundAnswer

    def connect(self) -> None:
        exchange = EXCHANGE.get()
        was_sent, exchange.is_sent = exchange.is_sent, True  # what a proxy is told is no request
        try:
            super().connect()
        finally:
            exchange.is_sent = was_sent

    def send(self, data: Any) -> None:  # noqa: ANN401 - bytes and much else
        if self.sock is None:
            self.connect()
        EXCHANGE.get().send()
        super().send(data)


class _BoundHTTPConnection(_Bound, HTTPConnection):
    pass


class _BoundHTTPSConnection(_Bound, HTTPSConnection):
    pass


class _BoundHTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundHTTPConnection


class _BoundHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundHTTPSConnection


def _bound(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _BoundHTTPPool, "https": _BoundHTTPSPool}


class _NoQueries(logging.Filter):
    """Leaves the query out of each address: that of Vonage holds an account's key."""

    _QUERY = re.compile(r"\?[^\s'\"]+")

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            return False  # quotes headers of an answer, and the address
        record.msg, record.args = self._QUERY.sub("?...", record.getMessage()), None
        return True


# At the loggers themselves, where no configuration of handlers and levels takes it away.
for _name in (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
):
    logging.getLogger(_name).addFilter(_NoQueries())
# Each request is a line at DEBUG, of which nobody who debugs the tap has any use.
logging.getLogger("urllib3").setLevel(logging.INFO)
