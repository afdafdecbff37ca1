"""ElevenLabs' text chats: in the stream of conversations, and no calls, without their details."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support import catalog_of, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

STREAM = "elevenlabs_conversations"
PATH = "/v1/convai/conversations"
START = 1767574800  # 2026-01-05T01:00:00Z


class Server:
    """A server of listed conversations, in small pages; ids that begin with `chat` are chats."""

    def __init__(self, server: HTTPServer, *, page: int = 100) -> None:
        self.server, self.page = server, page
        self.rows: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        self.knows_parameter = True
        server.expect_request(PATH).respond_with_handler(self.answer)

    def add(self, key: str, source: str | None, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Add a conversation."""
        self.rows.append(
            {
                "conversation_id": key,
                "agent_id": "a",
                "status": "done",
                "start_time_unix_secs": START,
                "call_duration_secs": 60,
                "conversation_initiation_source": source,
                **fields,
            }
        )

    def answer(self, request: Request) -> Response:
        """Answer with a page."""
        self.asked.append(request.args.to_dict())
        rows = self.rows
        if self.knows_parameter and request.args.get("text_only") == "true":
            rows = [row for row in rows if row["conversation_id"].startswith("chat")]
        at = int(request.args.get("cursor", "after 0").removeprefix("after "))
        more = len(rows) > at + self.page
        body = {"conversations": rows[at : at + self.page], "has_more": more}
        body["next_cursor"] = f"after {at + self.page}"
        return Response(json.dumps(body), content_type="application/json")

    def run(self) -> Any:  # noqa: ANN401 - Output
        """Read one day."""
        own = {"api_key": "KEY", "base_url": self.server.url_for("").rstrip("/")}
        return run_tap({"start_date": "2026-01-05", "end_date": "2026-01-06", "elevenlabs": own})


def called(output: Any) -> set[str]:  # noqa: ANN401 - Output
    """Return the ids in `calls`."""
    return {call["call_id"] for call in output.records("calls")}


def test_a_chat_in_a_widget_is_no_call(httpserver: HTTPServer) -> None:
    """The list does not say that somebody typed: the chat was counted as a call."""
    server = Server(httpserver, page=2)
    for number in range(3):
        server.add(f"chat{number}", "widget")
        server.add(f"voice{number}", "widget")
    server.add("phone", "twilio")

    output = server.run()

    assert called(output) == {"voice0", "voice1", "voice2", "phone"}
    written = {r["conversation_id"]: r["text_only"] for r in output.records(STREAM)}
    assert len(output.records(STREAM)) == len(written) == 7
    assert {key for key, is_text in written.items() if is_text} == {"chat0", "chat1", "chat2"}
    asked = [(query.get("text_only"), query.get("cursor")) for query in server.asked]
    first = [(None, None), *((None, f"after {n}") for n in (2, 4, 6))]
    assert asked == [*first, ("true", None), ("true", "after 2")]


@pytest.mark.parametrize(
    ("source", "fields", "is_call"),
    [
        ("twilio", {}, True),
        ("sip_trunk", {}, True),
        ("twilio_sms", {}, False),
        ("whatsapp", {}, False),
        ("whatsapp", {"text_only": False}, True),
        ("widget", {"text_only": True}, False),
        ("js_sdk", {"text_only": False}, True),
    ],
)
def test_what_a_source_decides_costs_no_request(
    httpserver: HTTPServer, source: str, fields: dict[str, bool], *, is_call: bool
) -> None:
    """A second list of what is known tells nothing."""
    server = Server(httpserver)
    server.add("one", source, **fields)

    output = server.run()

    assert called(output) == ({"one"} if is_call else set())
    assert len(server.asked) == 1


def test_no_conversations_cost_one_request(httpserver: HTTPServer) -> None:
    """A quiet account is not listed twice."""
    server = Server(httpserver)

    server.run()

    assert len(server.asked) == 1


def test_thousands_of_chats_are_no_endless_list(httpserver: HTTPServer) -> None:
    """All that the second list has is known already, page after page."""
    server = Server(httpserver)
    for number in range(2_500):
        server.add(f"chat{number:04}", "js_sdk")
    server.add("voice", "js_sdk")

    output = server.run()

    assert called(output) == {"voice"}
    assert Counter(bool(r["text_only"]) for r in output.records(STREAM)) == {True: 2500, False: 1}


def test_a_server_that_ignores_the_parameter_is_an_error(httpserver: HTTPServer) -> None:
    """All calls of the web would be gone from `calls`, in silence."""
    server = Server(httpserver)
    server.knows_parameter = False
    server.add("voice", "widget")
    server.add("phone", "twilio")

    with pytest.raises(RunError) as failed:
        server.run()

    (line,) = failed.value.failures
    assert "ignores the parameter `text_only`" in line


def test_a_second_list_without_end_is_an_error(httpserver: HTTPServer) -> None:
    """Each page has a new cursor and a chat that was listed before."""
    server = Server(httpserver)
    server.add("chat", "widget")
    count = 0

    def answer(_: Request) -> Response:
        nonlocal count
        count += 1
        body = {"conversations": server.rows, "has_more": count > 1, "next_cursor": str(count)}
        server.rows[0]["message_count"] = count
        return Response(json.dumps(body), content_type="application/json")

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)

    with pytest.raises(RunError, match="does not end: it repeats"):
        server.run()

    assert count < 1_000


def test_details_need_no_second_list() -> None:
    """Each of them says whether it is a text chat."""
    with simulator() as served:
        served.options["elevenlabs_text_chats"] = True
        config = configuration(served, "elevenlabs")
        chosen = {"elevenlabs_conversation_details": True, STREAM: False}
        output = run_tap(config, catalog=catalog_of(config, **chosen))
        details: Any = served.records("elevenlabs_conversation_details")
        lists = [dict(r.query) for r in served.requests if r.path.endswith("/conversations")]

    chats = {r["conversation_id"] for r in details if r["metadata"]["text_only"]}
    assert called(output) == {r["conversation_id"] for r in details} - chats
    assert lists
    assert not any("text_only" in query for query in lists)


def test_chats_of_the_simulated_api() -> None:
    """The whole way: several windows, and no details."""
    with simulator() as served:
        served.options["elevenlabs_text_chats"] = True
        served.page_sizes["elevenlabs"] = 7
        details: Any = served.records("elevenlabs_conversation_details")
        output = run_tap(configuration(served, "elevenlabs"))

    chats = {r["conversation_id"] for r in details if r["metadata"]["text_only"]}
    assert len(chats) > 3
    assert called(output) == {r["conversation_id"] for r in details} - chats
    assert {r["conversation_id"] for r in output.records(STREAM)} >= chats
