"""Interim answers (1xx), which a server may send before the real one, as often as it likes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from raw_server import config_of, ok, serving
from scripted import partition, run

if TYPE_CHECKING:
    import socket

CALL = b"""{"total": 1, "items": [
    {"id": 1, "status": "completed", "started_at": "2026-01-05T01:00:00Z"}
]}"""
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"


@pytest.mark.parametrize("interim", [HINTS, b"HTTP/1.1 102 Processing\r\n\r\n" * 3])
def test_an_interim_answer_is_not_the_answer(interim: bytes) -> None:
    """It would be taken for a refusal, and the real answer for that to the next request."""

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


def test_a_switch_of_protocols_ends_the_connection() -> None:
    """What follows is no HTTP: as the answer to the next request it would be anything."""
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    with serving(switch, ok(CALL)) as server:
        output, failures = run(config_of(server.url, max_tries=2))

    assert failures == []
    assert len(server.asked) == 2
    assert [each["id"] for each in output.records("burki_calls")] == [1]
