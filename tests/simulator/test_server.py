"""The simulator's server: its request log, its connections, its independence of the tap."""

from __future__ import annotations

import ast
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import registry
import requests

import tap_voicecalls.simulator
from tap_voicecalls.simulator import Request, Simulator


def test_requests_are_logged_without_credentials(
    session: requests.Session, simulator: Simulator
) -> None:
    """The log has every request in order with its status, and never the key."""
    settings = simulator.configuration()["voicy"]
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/call-list"
    session.post(url, json={"limit": 1}, headers=headers, timeout=10)
    session.get(f"{simulator.url}/burki/api/v1/calls/?skip=1&skip=2", timeout=10)
    session.get(f"{simulator.url}/nobody", timeout=10)
    assert simulator.requests == [
        Request("voicy", "POST", "/voicy/functions/v1/call-list", [], {"limit": 1}, 200),
        Request("burki", "GET", "/burki/api/v1/calls/", [("skip", "1"), ("skip", "2")], None, 401),
        Request("", "GET", "/nobody", [], None, 404),
    ]
    assert str(settings["api_key"]) not in repr(simulator.requests)


def test_an_invalid_json_body_is_refused(session: requests.Session, simulator: Simulator) -> None:
    """Invalid JSON gets 400, and the connection stays usable."""
    settings = simulator.configuration()["voicy"]
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/call-list"
    assert session.post(url, data=b"{", headers=headers, timeout=10).status_code == 400
    assert session.post(url, json={}, headers=headers, timeout=10).status_code == 200


def test_connections_are_kept_alive(
    session: requests.Session, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """All requests of one session use one connection."""
    with caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
        for _ in range(5):
            answer = session.get(f"{simulator.url}/ovia/api/v1/calls", timeout=10)
            assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert sum("Starting new" in record.message for record in caplog.records) == 1


def test_concurrent_requests_are_all_answered(simulator: Simulator) -> None:
    """All concurrent requests are answered and logged."""
    settings = simulator.configuration()["burki"]
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/api/v1/calls/"

    def total(skip: int) -> int:
        answer = requests.get(url, params={"skip": skip}, headers=headers, timeout=10)
        return int(answer.json()["total"])

    with ThreadPoolExecutor(16) as pool:
        totals = set(pool.map(total, range(64)))
    assert totals == {len(simulator.records("burki_calls"))}
    assert len(simulator.requests) == 64


def test_the_server_can_be_stopped_and_started_again(
    session: requests.Session, simulator: Simulator
) -> None:
    """After `stop` all connections are closed; `start` uses the same port."""
    url = f"{simulator.url}/ovia/api/v1/calls"
    session.get(url, timeout=10)
    simulator.stop()
    simulator.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=10)
    simulator.start()
    assert session.get(url, timeout=10).status_code == 401


def test_it_listens_on_loopback_only(simulator: Simulator) -> None:
    """The server is bound to 127.0.0.1, so it cannot be reached from outside."""
    port = int(simulator.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_nothing_is_printed(
    session: requests.Session, simulator: Simulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Stdout may be a Singer stream, so the server prints no request lines."""
    session.get(f"{simulator.url}/ovia/api/v1/calls", timeout=10)
    assert capfd.readouterr() == ("", "")


def test_every_provider_has_a_configuration(simulator: Simulator) -> None:
    """The configuration has all providers, each with a key and the right base URL."""
    bases = {"voicy": "/voicy/functions/v1", "telnyx": "/telnyx/v2"}
    bases["twilio"] = "/twilio/2010-04-01"
    configuration = simulator.configuration()
    assert set(configuration) == set(registry.NAMES)
    for name, settings in configuration.items():
        assert settings["base_url"] == simulator.url + bases.get(name, f"/{name}")
        assert settings["auth_token" if name == "twilio" else "api_key"]
        assert settings["requests_per_second"] == 1000
    assert {"api_secret", "account_id"} <= set(configuration["vonage"])


def test_a_key_of_another_seed_is_refused(session: requests.Session) -> None:
    """A key of another simulator gets 401."""
    start, end = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    with (
        Simulator(seed=1, start=start, end=end) as one,
        Simulator(seed=2, start=start, end=end) as other,
    ):
        headers = {"Authorization": f"Bearer {one.configuration()['ovia']['api_key']}"}
        url = f"{other.url}/ovia/api/v1/calls"
        assert session.get(url, headers=headers, timeout=10).status_code == 401


def test_it_imports_nothing_of_the_tap() -> None:
    """The simulator imports no other package, so that an error of the tap cannot be in both.

    The exception is `output`, which writes complete lines for all commands.
    """
    allowed = (
        "tap_voicecalls.simulator.",
        "tap_voicecalls.output.abort.",
        "tap_voicecalls.output.stdout.",
    )
    root = Path(tap_voicecalls.simulator.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            own = [name for name in names if name.split(".")[0] == "tap_voicecalls"]
            assert all(f"{name}.".startswith(allowed) for name in own), path
