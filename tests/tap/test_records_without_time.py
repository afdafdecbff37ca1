"""Records without a time belong to no window; a server may send them for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support import catalog_of, run_tap
from werkzeug import Request, Response

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

ODD = {"conversation_id": "odd", "status": "failed", "conversation_initiation_source": "twilio"}
LISTS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "elevenlabs": (
        "elevenlabs_conversations",
        "/v1/convai/conversations",
        {"conversations": [ODD], "has_more": False},
        {"api_key": "KEY"},
    ),
    "retell": (
        "retell_calls",
        "/v3/list-calls",
        {"items": [{"call_id": "odd", "call_status": "error"}], "has_more": False},
        {"api_key": "KEY"},
    ),
    "twilio": (
        "twilio_calls",
        "/Accounts/AC1/Calls.json",
        {"calls": [{"sid": "odd", "status": "failed"}], "next_page_uri": None},
        {"account_sid": "AC1", "auth_token": "t"},
    ),
}


@pytest.mark.parametrize("provider", LISTS)
def test_a_record_without_a_time_is_written_once(httpserver: HTTPServer, provider: str) -> None:
    """A target that appends has it once for each window otherwise."""
    stream, path, body, keys = LISTS[provider]
    asked = list[str]()

    def answer(request: Request) -> Response:
        asked.append(request.url)
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request(path).respond_with_handler(answer)
    own = keys | {"base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-01", "end_date": "2026-02-05", provider: own}

    output = run_tap(config, catalog=catalog_of(config))

    assert len(asked) > 3
    assert len(output.records(stream)) == 1
    assert len(output.records("calls")) == 1
