"""Redirects: a key goes where the API is, and for some APIs to no redirect at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import catalog_of, run_tap
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

KEY = "KEY-9f"
START = 1767574800  # 2026-01-05T01:00:00Z
LIST = "/v1/convai/conversations"


def config(httpserver: HTTPServer, provider: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - settings
    """Return a configuration for one day."""
    own = {"api_key": KEY, "base_url": httpserver.url_for("").rstrip("/")}
    return {"start_date": "2026-01-05", "end_date": "2026-01-06", provider: own} | more


def test_no_redirect_gets_the_key_of_elevenlabs(httpserver: HTTPServer) -> None:
    """Its documentation forbids that, within the origin as well."""
    keys = list[str | None]()

    def elsewhere(request: Request) -> Response:
        keys.append(request.headers.get("xi-api-key"))
        return Response("{}", content_type="application/json")

    httpserver.expect_request("/elsewhere").respond_with_handler(elsewhere)
    httpserver.expect_request(LIST).respond_with_data(
        "", 302, headers={"Location": httpserver.url_for("/elsewhere")}
    )

    with pytest.raises(RunError) as failed:
        run_tap(config(httpserver, "elevenlabs"))

    assert not keys
    (line,) = failed.value.failures
    assert "302 Found points elsewhere, and no redirect of this API may get" in line
    assert "elsewhere?" not in line


def test_a_redirect_within_the_origin_is_followed_elsewhere(httpserver: HTTPServer) -> None:
    """The others do not forbid it, and some move their paths that way."""
    keys = list[str | None]()

    def moved(request: Request) -> Response:
        keys.append(request.headers.get("Authorization"))
        return Response('{"items": [], "has_more": false}', content_type="application/json")

    httpserver.expect_request("/moved").respond_with_handler(moved)
    httpserver.expect_request("/v3/list-calls").respond_with_data(
        "", 307, headers={"Location": "/moved"}
    )

    run_tap(config(httpserver, "retell"))

    assert keys == [f"Bearer {KEY}"]


def test_a_redirected_recording_is_fetched_without_the_key(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A store of files needs no key, and the recording is not lost."""
    keys = list[str | None]()

    def stored(request: Request) -> Response:
        keys.append(request.headers.get("xi-api-key"))
        return Response(b"ID3", content_type="audio/mpeg")

    told = {"start_time_unix_secs": START, "call_duration_secs": 60}
    one = {"conversation_id": "c1", "status": "done", "conversation_initiation_source": "twilio"}
    listed = {"conversations": [one | told], "has_more": False, "next_cursor": None}
    details = one | {"metadata": told, "transcript": [], "has_audio": True}
    httpserver.expect_request(LIST).respond_with_json(listed)
    httpserver.expect_request(f"{LIST}/c1").respond_with_json(details)
    httpserver.expect_request(f"{LIST}/c1/audio").respond_with_data(
        "", 302, headers={"Location": "/files/c1.mp3"}
    )
    httpserver.expect_request("/files/c1.mp3").respond_with_handler(stored)
    settings = config(httpserver, "elevenlabs", recordings={"root": str(tmp_path)})
    catalog = catalog_of(settings, elevenlabs_conversation_details=True)

    output = run_tap(settings, catalog=catalog)

    assert keys == [None]
    assert [row["status"] for row in output.records("call_recordings")] == ["archived"]
