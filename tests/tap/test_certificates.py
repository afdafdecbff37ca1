"""Certificates: each problem has a clear message, and only passing problems are retried."""

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

pytestmark = pytest.mark.usefixtures("only_calls")


HOST = "127.0.0.1"
REFUSED = ok(b"{}", status=b"401 Unauthorized")  # ends a run after one trusted connection
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*BUNDLES, "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """A certificate authority that the machine trusts."""
    made = trustme.CA()
    path = tmp_path / "trusted.pem"
    made.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    return made


def tls(certificate: trustme.LeafCert) -> Callable[[socket.socket], socket.socket]:
    """Return the TLS wrapper for a server's connections."""
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
def test_a_wrong_certificate_is_named_and_not_retried(
    authority: trustme.CA, issued: tuple[str, datetime | None], expected: str
) -> None:
    """An expired certificate and one for another host have different messages."""
    name, not_after = issued
    certificate = authority.issue_cert(name, not_after=not_after)
    with serving(REFUSED, tls=tls(certificate)) as server:
        line = failure_of(server.url, max_tries=5)

    assert expected in line
    assert "gave up" not in line
    assert server.asked == []


@pytest.mark.usefixtures("authority")
def test_an_unknown_issuer_names_what_to_set() -> None:
    """Behind a company's TLS proxy, the user must set one of these variables."""
    with serving(REFUSED, tls=tls(trustme.CA().issue_cert(HOST))) as server:
        line = failure_of(server.url, max_tries=5)

    assert "unknown issuer" in line
    assert "REQUESTS_CA_BUNDLE or SSL_CERT_FILE" in line


@pytest.mark.parametrize("variable", BUNDLES)
def test_certificates_from_the_environment_are_trusted(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice of the error message works."""
    authority, path = trustme.CA(), tmp_path / "company.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv(variable, str(path))

    with serving(REFUSED, tls=tls(authority.issue_cert(HOST))) as server:
        assert "401 Unauthorized" in failure_of(server.url)


@pytest.mark.parametrize("variable", BUNDLES)
@pytest.mark.parametrize(("content", "fact"), [(None, "does not exist"), ("x", "no certificates")])
def test_an_unusable_certificate_file_is_named(
    variable: str, content: str | None, fact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong path is one clear line, not a traceback."""
    path = tmp_path / "mistyped.pem"
    if content:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv(variable, str(path))

    line = failure_of("https://127.0.0.1:9")

    assert f"`{variable}` names '{path}'" in line
    assert fact in line


def test_a_broken_handshake_is_retried(authority: trustme.CA) -> None:
    """A connection that breaks during the handshake is not a certificate error."""
    seen, secure = list[int](), tls(authority.issue_cert(HOST))

    def fail_once(connection: socket.socket) -> socket.socket:
        seen.append(1)
        if len(seen) == 1:
            raise ConnectionAbortedError
        return secure(connection)

    with serving(REFUSED, tls=fail_once) as server:
        line = failure_of(server.url, max_tries=2)

    assert len(seen) == 2
    assert "401 Unauthorized" in line


def test_the_bundle_is_read_once(authority: trustme.CA, tmp_path: Path) -> None:
    """Catches connections that each read all certificates: 15 ms of processor time for each."""
    secure = tls(authority.issue_cert(HOST))

    def fail_without_a_bundle(connection: socket.socket) -> socket.socket:
        if (bundle := tmp_path / "trusted.pem").exists():
            bundle.unlink()
            raise ConnectionAbortedError
        return secure(connection)

    with serving(REFUSED, tls=fail_without_a_bundle) as server:
        assert "401 Unauthorized" in failure_of(server.url, max_tries=2)


@pytest.mark.usefixtures("authority")
def test_a_server_without_tls_is_named() -> None:
    """Another protocol on the port is not reported as a certificate error."""

    def mail(connection: socket.socket) -> socket.socket:
        connection.sendall(b"220 mail\r\n")
        connection.recv(65_536)
        raise ConnectionAbortedError

    with serving(REFUSED, tls=mail) as server:
        line = failure_of(server.url)

    assert "TLS failed (" in line
    assert "certificate" not in line


@pytest.mark.usefixtures("authority")
def test_an_endless_handshake_is_named() -> None:
    """A server that accepts but stays silent exceeds `connect_timeout`."""
    may_end = threading.Event()

    def silent(_: socket.socket) -> socket.socket:
        may_end.wait(60)
        raise ConnectionAbortedError

    with serving(REFUSED, tls=silent) as server:
        line = failure_of(server.url, connect_timeout=0.3)
        may_end.set()

    assert "no connection within `connect_timeout`" in line
