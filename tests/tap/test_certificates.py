"""Certificates: what is wrong with one, and what may pass."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trustme
from raw_server import config_of, ok, serving
from support import run_tap

from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

HOST = "127.0.0.1"
REFUSED = ok(b"{}", status=b"401 Unauthorized")  # no more is asked of a server that is trusted
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*BUNDLES, "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """Who issues certificates, and is trusted."""
    made = trustme.CA()
    path = tmp_path / "trusted.pem"
    made.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    return made


def tls(certificate: trustme.LeafCert) -> Callable[[socket.socket], socket.socket]:
    """Return what makes a server's connections secure."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return partial(context.wrap_socket, server_side=True)


def failure_of(url: str, **settings: float) -> str:
    """Run a tap that must fail, and return the line that says why."""
    with pytest.raises(RunError) as caught:
        run_tap(config_of(url, **settings))
    (line,) = caught.value.failures
    return line


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ((HOST, datetime.now(UTC) - DAY), "has expired"),
        (("other.example", None), "for another"),
    ],
)
def test_what_is_wrong_is_said(
    authority: trustme.CA, issued: tuple[str, datetime | None], expected: str
) -> None:
    """Expired, or of another host: whom to ask differs, and to try again helps with neither."""
    name, not_after = issued
    certificate = authority.issue_cert(name, not_after=not_after)
    with serving(REFUSED, tls=tls(certificate)) as server:
        line = failure_of(server.url, max_tries=5)

    assert expected in line
    assert "gave up" not in line
    assert server.asked == []


@pytest.mark.usefixtures("authority")
def test_an_unknown_issuer_names_what_to_set() -> None:
    """Behind a company's proxy that looks into everything, the way out is a variable."""
    with serving(REFUSED, tls=tls(trustme.CA().issue_cert(HOST))) as server:
        line = failure_of(server.url, max_tries=5)

    assert "unknown issuer" in line
    assert "REQUESTS_CA_BUNDLE or SSL_CERT_FILE" in line


@pytest.mark.parametrize("variable", BUNDLES)
def test_certificates_of_the_machine_count(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the message says to set has to help."""
    authority, path = trustme.CA(), tmp_path / "company.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv(variable, str(path))

    with serving(REFUSED, tls=tls(authority.issue_cert(HOST))) as server:
        assert "401 Unauthorized" in failure_of(server.url)


@pytest.mark.parametrize("variable", BUNDLES)
@pytest.mark.parametrize(("content", "fact"), [(None, "does not exist"), ("x", "no certificates")])
def test_certificates_that_are_not_there_are_named(
    variable: str, content: str | None, fact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that was mistyped is one line that names it, not a traceback that ends the run."""
    path = tmp_path / "mistyped.pem"
    if content:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv(variable, str(path))

    line = failure_of("https://127.0.0.1:9")

    assert f"`{variable}` names '{path}'" in line
    assert fact in line


def test_a_hiccup_in_the_handshake_is_tried_again(authority: trustme.CA) -> None:
    """A connection that is broken off while it is made secure says nothing of certificates."""
    seen, secure = list[int](), tls(authority.issue_cert(HOST))

    def second_time_lucky(connection: socket.socket) -> socket.socket:
        seen.append(1)
        if len(seen) == 1:
            raise ConnectionAbortedError
        return secure(connection)

    with serving(REFUSED, tls=second_time_lucky) as server:
        line = failure_of(server.url, max_tries=2)

    assert len(seen) == 2
    assert "401 Unauthorized" in line


@pytest.mark.usefixtures("authority")
def test_a_server_that_speaks_no_tls_is_named() -> None:
    """Something else on the port is no untrusted certificate."""

    def mail(connection: socket.socket) -> socket.socket:
        connection.sendall(b"220 mail\r\n")
        connection.recv(65_536)
        raise ConnectionAbortedError

    with serving(REFUSED, tls=mail) as server:
        line = failure_of(server.url)

    assert "TLS failed (" in line
    assert "certificate" not in line


@pytest.mark.usefixtures("authority")
def test_a_handshake_that_does_not_end_is_named() -> None:
    """A server that accepts and says nothing is no connection, and holds up nobody for long."""
    may_end = threading.Event()

    def silent(_: socket.socket) -> socket.socket:
        may_end.wait(60)
        raise ConnectionAbortedError

    with serving(REFUSED, tls=silent) as server:
        line = failure_of(server.url, connect_timeout=0.3)
        may_end.set()

    assert "no connection within `connect_timeout`" in line
