"""The files of reports over real connections: several at once, and no more than `concurrency`."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpserver import HTTPServer
from scripted_vonage import KEY, STREAM, settings, zipped
from support import START, run_tap
from werkzeug import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRODUCTS = ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"]
LONG = 60  # seconds after which a test that hangs fails; a test that passes never waits that long


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A server that answers several requests at once."""
    with HTTPServer(threaded=True) as started:
        yield started


def serve_files(server: HTTPServer, before_file: Callable[[], object]) -> dict[str, Any]:
    """Serve one finished report with one call for each product; return a configuration.

    Args:
        server: The server.
        before_file: Is called in each download before its file is sent.
    """

    def described(product: str) -> dict[str, Any]:
        address = server.url_for(f"/v3/media/{product}")
        return {
            "request_id": product,
            "request_status": "SUCCESS",
            "product": product,
            "items_count": 1,
            "_links": {"download_report": {"href": address}},
        }

    def handle(request: Request) -> Response:
        name = request.path.rsplit("/", 1)[1]
        if request.path.startswith("/v3/media/"):
            before_file()
            row = f"{KEY},{name}-1,{name},{START.isoformat()}"
            table = f"account_id,id,product,date_start\r\n{row}\r\n"
            return Response(zipped(table.encode()), content_type="application/octet-stream")
        if request.method == "POST":
            body = described(json.loads(request.data)["product"])
        else:
            body = {"items_count": 0, "reports": []}
        return Response(json.dumps(body), content_type="application/json")

    server.expect_request(re.compile("/v[23]/.*")).respond_with_handler(handle)
    end = (START + timedelta(days=7)).isoformat()
    return settings(server, START, mode="async", products=PRODUCTS) | {"end_date": end}


def test_files_are_downloaded_at_the_same_time(server: HTTPServer) -> None:
    """No download is answered before all are open; one after the other, none would ever be."""
    all_open = threading.Barrier(len(PRODUCTS))

    output = run_tap(serve_files(server, lambda: all_open.wait(LONG)))

    # In the order of the products, whichever file came first.
    assert [record["id"] for record in output.records(STREAM)] == [f"{p}-1" for p in PRODUCTS]


def test_one_connection_downloads_one_file_at_a_time(server: HTTPServer) -> None:
    """`concurrency` bounds downloads as it bounds all other requests."""
    is_open, overlapping = threading.Lock(), threading.Event()

    def note() -> None:
        if not is_open.acquire(blocking=False):
            overlapping.set()
            return
        # Long enough for another download to be seen, if the tap begins one.
        overlapping.wait(0.05)
        is_open.release()

    output = run_tap(serve_files(server, note) | {"concurrency": 1})

    assert len(output.records(STREAM)) == len(PRODUCTS)
    assert not overlapping.is_set()
