"""The speed of the server alone: pages are received and discarded."""

from __future__ import annotations

import socket
import time

from benchmarks.server import KEY

_BUFFER = bytearray(1 << 20)


def records_per_second(port: int, prefix: str, records: int, page_size: int) -> float:
    """Walk all pages over one connection; return the records received per second."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for skip in range(0, records, page_size):
            request = (
                f"GET {prefix}/api/v1/calls/?skip={skip}&limit={page_size} HTTP/1.1\r\n"
                f"Host: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n\r\n"
            )
            connection.sendall(request.encode())
            _receive(connection)
    return records / (time.perf_counter() - began)


def _receive(connection: socket.socket) -> None:
    received = connection.recv_into(_BUFFER)
    head, _, _ = bytes(_BUFFER[:1000]).partition(b"\r\n\r\n")
    missing = len(head) + 4 + int(head.rpartition(b": ")[2]) - received
    while missing > 0:
        missing -= connection.recv_into(_BUFFER)
