"""The lists of Retell's and ElevenLabs' agents, which name the next page by a cursor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support import Output, catalog_of, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.records.secrets import REMOVED

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

PATHS = {"retell": "/v2/list-agents", "elevenlabs": "/v1/convai/agents"}
CURSORS = {"retell": "pagination_key", "elevenlabs": "cursor"}
LISTS = {"retell": ("items", "pagination_key"), "elevenlabs": ("agents", "next_cursor")}
each = pytest.mark.parametrize("provider", PATHS)


def read(config: dict[str, Any], provider: str) -> Output:
    """Read the agents alone."""
    names = (stream["tap_stream_id"] for stream in catalog_of(config)["streams"])
    chosen = dict.fromkeys(names, False) | {f"{provider}_agents": True}
    return run_tap(config, catalog=catalog_of(config, **chosen))


@each
def test_all_agents_come_once(provider: str) -> None:
    """With pages of two, and those without calls as well; nothing else is requested."""
    with simulator() as served:
        served.page_sizes[provider] = 2
        config = configuration(served, provider)
        output = read(config, provider)
        truth: Any = served.records(f"{provider}_agents")
        paths = {request.path for request in served.requests}

    rows = output.records(f"{provider}_agents")
    assert len(truth) > 2
    assert sorted(r["agent_id"] for r in rows) == sorted(r["agent_id"] for r in truth)
    assert {path.removeprefix(f"/{provider}") for path in paths} == {PATHS[provider]}


@each
def test_agents_are_not_read_by_default(provider: str) -> None:
    """Calls name their agents, so a request for them must be asked for."""
    with simulator() as served:
        run_tap(configuration(served, provider))
        paths = {request.path for request in served.requests}

    assert paths
    assert not any(path.endswith(PATHS[provider]) for path in paths)


@each
@pytest.mark.parametrize("kind", ["the same", "circle", "endless"])
def test_a_list_that_does_not_end_is_an_error(
    httpserver: HTTPServer, provider: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server decides what follows, and must not decide for ever."""
    count = 0

    def answer(_: Request) -> Response:
        nonlocal count
        count += 1
        field, cursor = LISTS[provider]
        key = {"the same": "k", "circle": str(count % 3), "endless": str(count)}[kind]
        agent = {"agent_id": f"a{count}"}
        body = {field: [agent], "has_more": True, cursor: key}
        return Response(json.dumps(body), content_type="application/json")

    httpserver.clear()
    httpserver.expect_request(PATHS[provider]).respond_with_handler(answer)
    own = {"api_key": "KEY", "base_url": httpserver.url_for("").rstrip("/")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-06", provider: own}
    stream = f"tap_voicecalls.providers.{provider}.agents"
    name = {"retell": "RetellAgents", "elevenlabs": "ElevenLabsAgents"}[provider]
    monkeypatch.setattr(f"{stream}.{name}.most_pages", 30)

    with pytest.raises(RunError, match=r"already used|more than 30 pages"):
        read(config, provider)

    assert count <= 31


@each
def test_an_agent_holds_no_secret(provider: str) -> None:
    """Keys of tools may be part of what a list tells in the future."""

    def plant(_: str, record: dict[str, Any]) -> None:
        record |= {"webhook": {"headers": {"X-Key": "s3cr3t"}}, "api_key": "s3cr3t"}

    with simulator() as served:
        served.on_record(plant)
        output = read(configuration(served, provider), provider)

    assert "s3cr3t" not in str(output.messages)
    assert output.records(f"{provider}_agents")[0]["additional_fields"]["api_key"] == REMOVED


def test_times_are_timestamps() -> None:
    """They are sent in two units."""
    with simulator() as served:
        retell = read(configuration(served, "retell"), "retell").records("retell_agents")
        eleven = read(configuration(served, "elevenlabs"), "elevenlabs")

    assert {row["modified_at"][:13] for row in retell} == {"2025-12-01T09"}
    assert {row["created_at"][:13] for row in eleven.records("elevenlabs_agents")} == {
        "2025-12-01T09"
    }
