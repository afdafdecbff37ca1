"""A server of files in another place than the API: what links of providers lead to."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Serve = Callable[["Handler"], object]

AUDIO = b"ID3" + bytes(range(256)) * 20


class Handler(BaseHTTPRequestHandler):
    """Answers by the path, without its query."""

    protocol_version = "HTTP/1.1"
    server: FilesServer

    def do_GET(self) -> None:
        """Answer a request as the server was told to; with a file by default."""
        self.server.asked.append((self.path, dict(self.headers)))
        serve = self.server.by_path.get(self.path.partition("?")[0], with_file())
        with suppress(OSError):
            serve(self)

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send a response."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class FilesServer(ThreadingHTTPServer):
    """Serves files, and notes which were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.by_path: dict[str, Serve] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients are right to close some connections early."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, without queries."""
        return [path.partition("?")[0] for path, _ in self.asked]


def with_file(body: bytes = AUDIO, content_type: str = "audio/mpeg") -> Serve:
    """Return what sends a file."""
    return lambda handler: handler.answer(200, body, Content_Type=content_type)


def with_status(status: int, body: bytes = b"<Error/>", **headers: str) -> Serve:
    """Return what sends another status."""
    return lambda handler: handler.answer(status, body, Content_Type="application/xml", **headers)


@contextmanager
def files_server() -> Iterator[FilesServer]:
    """Run the server."""
    server = FilesServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
