"""The environment: its proxies are used, and its credentials are not."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from support import START, run_tap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("only_calls")


class Empty(ThreadingHTTPServer):
    """A server or proxy without calls that records its requests.

    Attributes:
        asked: The target and the Authorization header of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Handles one connection."""

    server: Empty

    def do_GET(self) -> None:
        """Respond with an empty list."""
        self.server.asked.append((self.path, self.headers["Authorization"]))
        body = json.dumps({"items": [], "total": 0}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving() -> Iterator[Empty]:
    """Run a server."""
    with Empty() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def config_of(base_url: str) -> dict[str, Any]:
    """Return a configuration that reads one day from a server."""
    day = START.date().isoformat()
    burki = {"api_key": "the-key", "base_url": base_url}
    return {"start_date": day, "end_date": f"{day}T12:00:00Z", "burki": burki}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_requests_use_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a company network, the proxy may be the only way out."""
    with serving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        run_tap(config_of("http://provider.example"))

    ((target, authorization),) = proxy.asked
    assert target.startswith("http://provider.example/api/v1/calls/?")
    assert authorization == "Bearer the-key"


def test_no_proxy_is_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server in the company network is not reachable through the proxy."""
    with serving() as proxy, serving() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        run_tap(config_of(server.url))

    assert proxy.asked == []
    assert len(server.asked) == 1


def test_a_netrc_file_does_not_replace_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Entries for the server in .netrc are for other programs."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving() as server:
        run_tap(config_of(server.url))

    assert [authorization for _, authorization in server.asked] == ["Bearer the-key"]
