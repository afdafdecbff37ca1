"""A scripted Vonage API on a pytest-httpserver."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from werkzeug import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pytest_httpserver import HTTPServer

Record = dict[str, Any]

STREAM = "vonage_voice_reports"
KEY = "abcd1234"


def settings(server: HTTPServer, start: datetime, **own: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a configuration that reads one product from the server, page by page."""
    vonage = {
        "api_key": KEY,
        "api_secret": "secret",
        "base_url": server.url_for("").rstrip("/"),
        "products": ["VOICE-CALL"],
        "mode": "sync",
        "requests_per_second": 1000,
    }
    return {"start_date": start.isoformat(), "max_tries": 2, "vonage": vonage | own}


def record(name: str, start: datetime, **own: object) -> Record:
    """Return a record as sent; one without an id has the name for its `call_id` alone."""
    found = {
        "id": name,
        "call_id": f"leg-{name}",
        "direction": "outbound",
        "from": "12025550100",
        "to": "12025550101",
        "date_start": start.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "duration": "30",
        "status": "ANSWERED",
        "currency": "EUR",
        "total_price": "0.0063",
    }
    return {field: value for field, value in (found | own).items() if value is not None}


def serve(
    server: HTTPServer, answer: Callable[[dict[str, str]], Record], path: str = ""
) -> list[dict[str, str]]:
    """Answer each request for a page by a function of its parameters.

    Args:
        server: The server.
        answer: Returns the body; a `status` in it that is a number is the answer's own.
        path: Where the list is, if elsewhere.

    Returns:
        The parameters of each request, as they come.
    """
    asked: list[dict[str, str]] = []

    def handle(request: Request) -> Response:
        params = request.args.to_dict()
        asked.append(params)
        body = answer(params)
        status = body.pop("status") if isinstance(body.get("status"), int) else 200
        return Response(json.dumps(body), status, content_type="application/json")

    server.expect_request(path or "/v2/reports/records").respond_with_handler(handle)
    return asked


def page(*records: Record, **own: object) -> Record:
    """Return a page that is the list's last."""
    return {
        "request_status": "SUCCESS",
        "items_count": len(records),
        "records": list(records),
        **own,
    }


def serve_report(server: HTTPServer, archive: bytes, **fields: object) -> list[str]:
    """Answer all requests for a report with one that is ready.

    Args:
        server: The server.
        archive: Its file.
        **fields: Its fields beside id, status and link.

    Returns:
        Method and path of each request, as they come.
    """
    asked: list[str] = []
    link = {"download_report": {"href": server.url_for("/v3/media/f-1")}}
    body = {"request_id": "r-1", "request_status": "SUCCESS", "_links": link, **fields}

    def handle(request: Request) -> Response:
        asked.append(f"{request.method} {request.path}")
        if request.path == "/v3/media/f-1":
            return Response(archive, content_type="application/octet-stream")
        is_list = request.method == "GET" and request.path == "/v2/reports"
        answer = {"items_count": 0, "reports": []} if is_list else body
        return Response(json.dumps(answer), content_type="application/json")

    server.expect_request(re.compile("/v[23]/.*")).respond_with_handler(handle)
    return asked


def zipped(*tables: bytes) -> bytes:
    """Return an archive of tables."""
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for number, table in enumerate(tables):
            archive.writestr(f"{number}.csv", table)
    return written.getvalue()
