"""The HTTP server of the simulator: sockets, keep-alive and framing. It knows no API."""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tap_voicecalls.simulator.messages import Response

if TYPE_CHECKING:
    from socketserver import _RequestType

Serve = Callable[[str, str, Mapping[str, str], bytes], Response]
"""Takes method, target, headers (names in lower case) and payload; returns the response."""

_HOST = "127.0.0.1"
_POLL_SECONDS = 0.02
_CLOSE_SECONDS = 5.0
_MEGABYTE = 1 << 20
# More than any machine has memory for, and more than 64 bits hold.
_BOUNDLESS_LENGTH = 10**15
_BOUNDLESS_CHUNK = 2**70
# With this option, closing a socket resets the connection: linger for 0 seconds.
_NO_LINGER = struct.pack("ii", 1, 0)


class Server:
    """A server on 127.0.0.1 that can be stopped and started again on the same port.

    Args:
        serve: Called for every request, from several threads at once.
        port: TCP port, 0 for a free one.
    """

    def __init__(self, serve: Serve, port: int) -> None:
        self._serve = serve
        self._port = port
        self._http: _HTTPServer | None = None

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"{_HOST}:{self._port}"

    @property
    def url(self) -> str:
        """Origin of the server."""
        if not self._port:
            message = "the simulator has no port until it is started"
            raise RuntimeError(message)
        return f"http://{self.authority}"

    def start(self) -> None:
        """Bind and serve in a daemon thread."""
        if self._http is not None:
            message = "the simulator is already running"
            raise RuntimeError(message)
        self._http = _HTTPServer((_HOST, self._port), _Handler)
        self._http.serve = self._serve
        self._port = self._http.server_address[1]
        serve = self._http.serve_forever
        threading.Thread(target=serve, args=(_POLL_SECONDS,), daemon=True).start()

    def stop(self) -> None:
        """Close the listening socket and all connections; a second call does nothing."""
        http, self._http = self._http, None
        if http is not None:
            http.stopping.set()
            http.shutdown()
            http.server_close()
            http.close_connections()


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    serve: Serve

    def __init__(self, address: tuple[str, int], handler: type[_Handler]) -> None:
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        self.stopping = threading.Event()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind looks up the host name, which may wait for a name server.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def process_request(self, request: _RequestType, client_address: Any) -> None:  # noqa: ANN401
        if isinstance(request, socket.socket):
            with self._changed:
                self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: _RequestType) -> None:
        super().shutdown_request(request)
        if isinstance(request, socket.socket):
            with self._changed:
                self._connections.discard(request)
                self._changed.notify_all()

    def close_connections(self) -> None:
        """End all kept-alive connections and wait until their threads have closed them."""
        with self._changed:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client closed it first
            self._changed.wait_for(lambda: not self._connections, _CLOSE_SECONDS)

    def handle_error(self, request: _RequestType, client_address: Any) -> None:  # noqa: ANN401
        # Connections closed by a client or by stop() are normal. Anything else is a defect of the
        # simulator, so its traceback is printed.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _HTTPServer

    def _answer(self) -> None:
        payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.serve(self.command, self.path, headers, payload)
        if response.manner == "slow":
            self._pause(response.seconds)
        if response.manner in {"reset", "close"}:
            self._hang_up(reset=response.manner == "reset")
        else:
            self._send(response)

    def _send(self, response: Response) -> None:
        body = response.encoded()
        if response.manner == "continue":
            self._continue(response)
        self._send_head(response, len(body))
        match response.manner:
            case "stall" | "cut":
                self._send_half(response, body)
            case "drip":
                self._drip(response, body)
            case "endless":
                self._send_endlessly(response.count)
            case "length" | "chunk":
                self.close_connection = True
                self.wfile.write(body)
            case _:
                self.wfile.write(body)

    def _send_head(self, response: Response, length: int) -> None:
        self.send_response(response.status)
        if response.manner in {"chunk", "endless"}:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            length = _BOUNDLESS_LENGTH if response.manner == "length" else length
            self.send_header("Content-Length", str(length))
        for name, value in {"Content-Type": "application/json", **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if response.manner == "chunk":
            self.wfile.write(b"%x\r\n" % _BOUNDLESS_CHUNK)

    def _send_half(self, response: Response, body: bytes) -> None:
        self.close_connection = True
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        if response.manner == "stall":
            self._hold(response.seconds)

    def _continue(self, response: Response) -> None:
        """Send "100 Continue" many times."""
        for _ in range(response.count):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if self._pause(response.seconds):
                return

    def _drip(self, response: Response, body: bytes) -> None:
        """Send the first bytes one by one, each in its own packet."""
        for index in range(min(response.count, len(body))):
            self.wfile.write(body[index : index + 1])
            if self._pause(response.seconds):
                return
        self.wfile.write(body[response.count :])

    def _send_endlessly(self, megabytes: int) -> None:
        """Send megabytes of spaces, then close without the final chunk."""
        self.close_connection = True
        chunk = b"%x\r\n%b\r\n" % (_MEGABYTE, b" " * _MEGABYTE)
        for _ in range(megabytes):
            if self.server.stopping.is_set():
                return
            self.wfile.write(chunk)

    def _pause(self, seconds: float) -> bool:
        """Flush, wait, and return whether the server was stopped meanwhile."""
        self.wfile.flush()
        return self.server.stopping.wait(seconds)

    def _hold(self, seconds: float) -> None:
        """Send nothing until the client closes, the server stops, or the time is over."""
        self.connection.settimeout(seconds)
        with contextlib.suppress(OSError):
            self.connection.recv(1)

    def _hang_up(self, *, reset: bool) -> None:
        """Close or reset the connection without a response."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            # Close the socket directly: the server's own close would send a FIN first.
            os.close(self.connection.detach())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing, since request lines hold phone numbers and cursors."""
