"""The simulator's server: its log, its connections, its independence."""

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
    """The log holds every request in order with its status, and never the key."""
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


def test_a_body_that_is_no_json_is_refused(session: requests.Session, simulator: Simulator) -> None:
    """A malformed body gives 400 and leaves the connection usable."""
    settings = simulator.configuration()["voicy"]
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/call-list"
    assert session.post(url, data=b"{", headers=headers, timeout=10).status_code == 400
    assert session.post(url, json={}, headers=headers, timeout=10).status_code == 200


def test_connections_are_kept_alive(
    session: requests.Session, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Many requests of one session go through one connection."""
    with caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
        for _ in range(5):
            answer = session.get(f"{simulator.url}/ovia/api/v1/calls", timeout=10)
            assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert sum("Starting new" in record.message for record in caplog.records) == 1


def test_many_clients_at_once(simulator: Simulator) -> None:
    """Concurrent requests are all answered and all logged."""
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


def test_stopping_closes_everything_and_starting_serves_again(
    session: requests.Session, simulator: Simulator
) -> None:
    """After stop nobody listens, kept connections included; start serves on the same port."""
    url = f"{simulator.url}/ovia/api/v1/calls"
    session.get(url, timeout=10)
    simulator.stop()
    simulator.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=10)
    simulator.start()
    assert session.get(url, timeout=10).status_code == 401


def test_it_listens_on_loopback_only(simulator: Simulator) -> None:
    """The server is bound to 127.0.0.1, so made-up credentials are of no use from outside."""
    port = int(simulator.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_nothing_is_printed(
    session: requests.Session, simulator: Simulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Serving prints no request line: stdout may be a Singer stream."""
    session.get(f"{simulator.url}/ovia/api/v1/calls", timeout=10)
    assert capfd.readouterr() == ("", "")


def test_every_provider_has_a_configuration(simulator: Simulator) -> None:
    """The configuration names all providers, each with a key and the right base URL."""
    bases = {"voicy": "/voicy/functions/v1", "telnyx": "/telnyx/v2"}
    configuration = simulator.configuration()
    assert set(configuration) == set(registry.NAMES)
    for name, settings in configuration.items():
        assert settings["base_url"] == simulator.url + bases.get(name, f"/{name}")
        assert settings["api_key"]
        assert settings["requests_per_second"] == 1000
    assert {"api_secret", "account_id"} <= set(configuration["vonage"])


def test_credentials_of_one_seed_do_not_open_another(session: requests.Session) -> None:
    """A key of another simulator is refused."""
    start, end = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    with (
        Simulator(seed=1, start=start, end=end) as one,
        Simulator(seed=2, start=start, end=end) as other,
    ):
        headers = {"Authorization": f"Bearer {one.configuration()['ovia']['api_key']}"}
        url = f"{other.url}/ovia/api/v1/calls"
        assert session.get(url, headers=headers, timeout=10).status_code == 401


def test_it_imports_nothing_of_the_tap() -> None:
    """No module of the simulator imports the tap, so that the two can disagree.

    How whole lines are written knows nothing of calls, and is shared by all commands.
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
