"""What comes before the final response: interim ones (1xx), and pauses until a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from raw_server import config_of, ok, serving
from scripted import partition, run

if TYPE_CHECKING:
    import socket

pytestmark = pytest.mark.usefixtures("only_calls")


CALL = b"""{"total": 1, "items": [
    {"id": 1, "status": "completed", "started_at": "2026-01-05T01:00:00Z"}
]}"""
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"


@pytest.mark.parametrize("interim", [HINTS, b"HTTP/1.1 102 Processing\r\n\r\n" * 3])
def test_an_interim_response_is_skipped(interim: bytes) -> None:
    """It would count as a refusal, and the final response as that to the next request."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(interim)
        time.sleep(0.05)  # so that the interim one is mostly read before it comes
        connection.sendall(ok(CALL))

    with serving(answer) as server:
        output, failures = run(config_of(server.url))

    assert failures == []
    assert len(server.asked) == 1
    assert [each["id"] for each in output.records("burki_calls")] == [1]
    assert partition(output, "burki_calls")


def test_a_pause_until_a_time_of_another_clock() -> None:
    """Catches a run that fails because this machine's clock differs from the server's by a day."""
    clock = [b"Date: Sat, 05 Jan 2030 12:00:00 GMT", b"Retry-After: Sat, 05 Jan 2030 12:00:01 GMT"]
    busy = ok(b"{}", *clock, status=b"429 Too Many Requests")
    with serving(busy, ok(CALL)) as server:
        output, failures = run(config_of(server.url, max_tries=2, max_retry_seconds=60))

    assert failures == []
    (first, _), (second, _) = server.asked
    assert second - first >= 1
    assert [each["id"] for each in output.records("burki_calls")] == [1]


def test_a_switch_of_protocols_ends_the_connection() -> None:
    """What follows is not HTTP, and must not be read as the response to the next request."""
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    with serving(switch, ok(CALL)) as server:
        output, failures = run(config_of(server.url, max_tries=2))

    assert failures == []
    assert len(server.asked) == 2
    assert [each["id"] for each in output.records("burki_calls")] == [1]
