"""What pip is told to trust, the rest of the set-up trusts: tried on a server with its own CA."""

from __future__ import annotations

import os
import shlex
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from pytest_httpserver import HTTPServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
NO_FILES = {"PIP_CONFIG_FILE": "/dev/null"}  # this machine's pip.conf counts for nothing
# Each way to tell pip; the paths are in the folder of the test.
TOLD = {
    "PIP_CERT": {"PIP_CERT": "ca.pem", **NO_FILES},
    "REQUESTS_CA_BUNDLE": {"REQUESTS_CA_BUNDLE": "ca.pem", **NO_FILES},
    "CURL_CA_BUNDLE": {"CURL_CA_BUNDLE": "ca.pem", **NO_FILES},
    "PIP_CONFIG_FILE": {"PIP_CONFIG_FILE": "pip.conf"},
    "of the user": {"HOME": "home"},
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The address of an index without packages, whose certificate only `ca.pem` vouches for."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = HTTPServer(host="localhost", ssl_context=context)
    server.expect_request("/simple/voicecalls-nothing/").respond_with_data("", status=404)
    with server:
        yield server.url_for("/simple/")


def ask(index: str, **told: str) -> str:
    """Let uv, as the Makefile runs it, ask an index for a package; return what it says."""
    command = f"{UV} pip compile --no-cache --default-index {index} -"
    recipe = f"try:; @echo voicecalls-nothing | {command} 2>&1; true"
    environ = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **told}
    return subprocess.run(  # noqa: S602
        f"make --no-print-directory --eval={shlex.quote(recipe)} try",
        shell=True,
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("way", TOLD)
def test_uv_trusts_what_pip_is_told_of(way: str, index: str, tmp_path: Path) -> None:
    """Catches a set-up that goes through with pip, and ends at uv's first download."""
    config = f"[global]\ntimeout = 60\ncert = {tmp_path / 'ca.pem'}\n"
    (tmp_path / "home/.config/pip").mkdir(parents=True)
    for file in ("pip.conf", "home/.config/pip/pip.conf"):
        (tmp_path / file).write_text(config, encoding="utf-8")
    told = {name: str(tmp_path / file) for name, file in TOLD[way].items()}

    assert "was not found in the package registry" in ask(index, **told)


def test_uv_trusts_nobody_else(index: str) -> None:
    """Catches a set-up that looks at no certificate at all."""
    assert "invalid peer certificate: UnknownIssuer" in ask(index, **NO_FILES)
