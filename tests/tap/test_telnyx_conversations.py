"""Telnyx's AI conversations, with their messages and insights, its assistants and recordings."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support import catalog_of, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.records.secrets import REMOVED
from tap_voicecalls.simulator.apis.telnyx.assistants import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator
    from tap_voicecalls.simulator.call import Call

ALL = {"telnyx_ai_messages": True, "telnyx_ai_insights": True}
PATHS = ("messages", "conversations-insights")
TIME = "2026-01-05T08:00:00.000000Z"


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


@pytest.fixture
def config(served: Simulator) -> dict[str, Any]:
    """Return a configuration for Telnyx, with a long lookback."""
    return configuration(served, "telnyx", lookback_hours=200)


def requested(served: Simulator, since: int = 0) -> Counter[str]:
    """Count the requests for details by their kind."""
    kinds = (request.path.rsplit("/", 1)[-1] for request in served.requests[since:])
    return Counter(kind for kind in kinds if kind in PATHS)


def test_conversations_come_once_and_details_only_if_selected(
    served: Simulator, config: dict[str, Any]
) -> None:
    """A page that reaches beyond its window must neither double nor lose a conversation."""
    served.page_sizes["telnyx"] = 3

    output = run_tap(config)

    keys = [record["id"] for record in output.records("telnyx_ai_conversations")]
    assert keys == [record["id"] for record in served.records("telnyx_ai_conversations")]
    assert len(keys) > 20
    assert requested(served) == {}
    recorded = {record["id"] for record in output.records("telnyx_recordings")}
    assert recorded == {record["id"] for record in served.records("telnyx_recordings")}


def test_details_are_requested_again_for_new_messages_only(
    served: Simulator, config: dict[str, Any]
) -> None:
    """A request for each conversation in each run would take hours."""
    catalog = catalog_of(config, **ALL)
    first = run_tap(config, catalog=catalog)
    count = len(served.records("telnyx_ai_conversations"))
    assert requested(served) == dict.fromkeys(PATHS, count)
    expected = {(r["conversation_id"], r["position"]): r["text"] for r in _said(served)}
    assert {
        (r["conversation_id"], r["position"]): r["text"]
        for r in first.records("telnyx_ai_messages")
    } == expected

    already = len(served.requests)
    second = run_tap(config, catalog=catalog, state=first.state)
    assert requested(served, already) == {}
    assert second.records("telnyx_ai_messages") == []

    call = next(call for call in served.world.calls("telnyx") if _is_conversation(served, call))
    served.world.change(call, duration=call.duration + 90)
    already = len(served.requests)
    run_tap(config, catalog=catalog, state=second.state)
    changed = requested(served, already)
    assert set(changed) == set(PATHS)
    assert max(changed.values()) <= 2  # a call, and a chat with the same customer


def _said(served: Simulator) -> list[dict[str, Any]]:
    return served.records("telnyx_ai_messages")


def _is_conversation(served: Simulator, call: Call) -> bool:
    listed = served.records("telnyx_recordings")
    return call.key in {record["id"] for record in listed}


def test_a_call_has_its_turns_and_its_recording(served: Simulator, config: dict[str, Any]) -> None:
    """Turns and recordings join the calls by the session, tools are turns, text chats are none."""
    config["telnyx"]["record_types"] = ["webrtc", "call-control"]
    output = run_tap(config, catalog=catalog_of(config, **ALL))
    calls = {row["call_id"] for row in output.records("calls")}
    conversations = {r["id"]: r for r in output.records("telnyx_ai_conversations")}
    chats = [r for r in conversations.values() if r["call_id"] is None]
    assert {r["metadata"]["telnyx_conversation_channel"] for r in chats} == {"sms_chat", "web_chat"}

    turns = output.records("call_turns")
    assert {turn["call_id"] for turn in turns} == {
        r["call_id"] for r in conversations.values() if r["call_id"]
    }
    assert {turn["call_id"] for turn in turns} <= calls
    assert {turn["role"] for turn in turns} == {"caller", "agent", "tool"}
    call_id = turns[0]["call_id"]
    (conversation,) = (key for key, r in conversations.items() if r["call_id"] == call_id)
    said = [r for r in _said(served) if r["conversation_id"] == conversation]
    own = [turn for turn in turns if turn["call_id"] == call_id]
    assert [turn["text"] for turn in own if turn["role"] != "tool"] == [
        r["text"] for r in said if r["role"] != "tool" and not r.get("tool_calls")
    ]
    assert [turn["turn"] for turn in own] == list(range(len(own)))
    tools = [turn for turn in turns if turn["role"] == "tool"]
    assert {turn["tool_name"] for turn in tools} == {"find_customer", None}
    assert all(turn["tool_arguments"] or turn["tool_result"] for turn in tools)

    recorded = {row["call_id"]: row for row in output.records("call_recordings")}
    assert recorded.keys() <= calls
    one = recorded[call_id]
    assert (one["media_type"], one["status"]) == ("audio/mpeg", "off")
    assert one["url"].startswith("https://recordings.telnyx.example/")


@pytest.mark.parametrize("option", ["telnyx_newest_message_first", "telnyx_session_in_metadata"])
def test_either_form_of_an_unknown_fact(
    served: Simulator, config: dict[str, Any], option: str
) -> None:
    """The order of messages is not documented, and neither is the session in the metadata."""
    served.options[option] = not served.options[option]

    output = run_tap(config, catalog=catalog_of(config, **ALL))

    expected = {(r["conversation_id"], r["position"]): r["text"] for r in _said(served)}
    assert {
        (r["conversation_id"], r["position"]): r["text"]
        for r in output.records("telnyx_ai_messages")
    } == expected
    names = {turn["call_id"][:3] == "v3:" for turn in output.records("call_turns")}
    assert names == {option == "telnyx_session_in_metadata"}


def test_pending_insights_are_requested_again(served: Simulator, config: dict[str, Any]) -> None:
    """An insight that was pending would stay empty for ever."""
    paths = {"telnyx_ai_insights": True}
    first = run_tap(config, catalog=catalog_of(config, **paths))
    done = {r["id"]: r["status"] for r in first.records("telnyx_ai_insights")}
    assert set(done.values()) == {"completed"}

    remove = served.on_record(_make_pending)
    pending = run_tap(config, catalog=catalog_of(config, **paths))
    assert {r["status"] for r in pending.records("telnyx_ai_insights")} == {"pending"}
    remove()
    again = run_tap(config, catalog=catalog_of(config, **paths), state=pending.state)
    assert {r["id"]: r["status"] for r in again.records("telnyx_ai_insights")} == done


def _make_pending(stream: str, record: dict[str, object]) -> None:
    if stream == "telnyx_ai_insights":
        record["status"] = "pending"


@pytest.mark.parametrize("name", PATHS)
def test_a_refused_conversation_is_requested_again(
    served: Simulator, config: dict[str, Any], name: str
) -> None:
    """It is requested by itself in a run that does not list it any more."""
    stream = dict(zip(PATHS, ALL, strict=True))[name]
    listed = served.records("telnyx_ai_conversations")
    key = listed[3]["id"]
    served.options["telnyx_refused_details"] = {f"/v2/ai/conversations/{key}/{name}": 403}
    catalog = catalog_of(config, **{stream: True})
    first = run_tap(config, catalog=catalog)
    got = {record["conversation_id"] for record in first.records(stream)}
    assert got == {record["id"] for record in listed} - {key}

    served.options["telnyx_refused_details"] = {}
    config["lookback_hours"] = 1
    second = run_tap(config, catalog=catalog, state=first.state)
    assert {record["conversation_id"] for record in second.records(stream)} >= {key}
    again = next(r for r in second.records(stream) if r["conversation_id"] == key)
    assert again["last_message_at"] == listed[3]["last_message_at"]


def test_no_secret_of_an_assistant_is_written(
    config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Names of keys, tokens of tools and credentials in addresses lie inside assistants."""
    output = run_tap(config)

    (first, *_) = output.records("telnyx_ai_assistants")
    assert first["voice_settings"] == {"voice": "Telnyx.KokoroTTS.af", "api_key_ref": REMOVED}
    assert SECRET not in json.dumps(output.messages, default=str) + caplog.text


class Scripted:
    """A server of conversations that were written out, with the filter of the API."""

    def __init__(self, server: HTTPServer, times: list[str]) -> None:
        self.server, self.asked = server, list[dict[str, str]]()
        self.all: list[dict[str, Any]] = [
            {"id": f"{n:05}", "created_at": time, "last_message_at": time, "metadata": {}}
            for n, time in enumerate(times)
        ]
        server.clear_all_handlers()  # the first one that fits would answer
        for path in ("/voice_sdk_call_reports", "/detail_records", "/recordings", "/ai/assistants"):
            server.expect_request(path).respond_with_json({"data": [], "meta": {}})
        server.expect_request("/ai/conversations").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        """Answer with the conversations from the time on."""
        self.asked.append(dict(request.args))
        since = request.args["last_message_at"].removeprefix("gte.")
        found = [each for each in self.all if each["last_message_at"] >= since]
        page = found[: int(request.args["limit"])]
        return Response(json.dumps({"data": page}), content_type="application/json")

    def config(self) -> dict[str, Any]:
        """Return a configuration for one day."""
        return {
            "start_date": "2026-01-05T00:00:00Z",
            "end_date": "2026-01-06T00:00:00Z",
            "telnyx": {"api_key": "k", "base_url": self.server.url_for("").rstrip("/")},
        }


def test_ties_across_pages(httpserver: HTTPServer) -> None:
    """Conversations that end in the same microsecond lie on both sides of the end of a page."""
    times = [f"2026-01-05T08:00:{n // 40:02}.000000Z" for n in range(1000)]
    script = Scripted(httpserver, [*times, "2026-01-06T00:00:00.000000Z"])

    output = run_tap(script.config())

    keys = [record["id"] for record in output.records("telnyx_ai_conversations")]
    assert keys == [f"{n:05}" for n in range(1000)]
    assert len(script.asked) <= 6
    assert script.asked[0]["order"] == "last_message_at.asc"


def test_a_burst_that_fills_a_page(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What follows it cannot be requested, so it must not be passed over in silence."""
    script = Scripted(httpserver, [TIME] * 251)

    with pytest.raises(RunError):
        run_tap(script.config())

    assert f"250 records share the time {TIME}" in caplog.text


def test_another_order_is_an_error(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A server without `order` would hide conversations behind the first page."""
    times = [f"2026-01-05T08:00:{n:02}.000000Z" for n in range(50)]
    script = Scripted(httpserver, times[::-1])

    with pytest.raises(RunError):
        run_tap(script.config())

    assert "ignored `order`" in caplog.text


def test_messages_of_a_growing_conversation(httpserver: HTTPServer) -> None:
    """Pages by number shift when a message comes between two of them."""
    script = Scripted(httpserver, [TIME])
    script.all[0]["metadata"] = {"telnyx_conversation_channel": "web_call"}
    said = [{"role": "user", "text": str(n), "sent_at": TIME} for n in range(150)]
    asked = 0

    def answer(request: Request) -> Response:
        nonlocal asked
        asked += 1
        if asked == 2:
            said.append({"role": "user", "text": "last", "sent_at": TIME})
        number, size = (int(request.args[f"page[{name}]"]) for name in ("number", "size"))
        newest = said[::-1][(number - 1) * size : number * size]
        meta = {"total_results": len(said), "total_pages": -(-len(said) // size)}
        return Response(json.dumps({"data": newest, "meta": meta}), content_type="application/json")

    path = "/ai/conversations/00000/messages"
    httpserver.expect_request(path).respond_with_handler(answer)
    config = script.config()

    output = run_tap(config, catalog=catalog_of(config, telnyx_ai_messages=True))

    texts = [record["text"] for record in output.records("telnyx_ai_messages")]
    assert sorted(texts) == sorted(each["text"] for each in said)
    assert {turn["call_id"] for turn in output.records("call_turns")} == {"00000"}


def test_conversations_of_the_day_end_at_its_end(served: Simulator, config: dict[str, Any]) -> None:
    """The filter has no upper end: what comes later belongs to another run."""
    end = served.world.start + timedelta(days=1)
    config["end_date"] = end.isoformat()

    output = run_tap(config)

    times = [record["last_message_at"] for record in output.records("telnyx_ai_conversations")]
    assert times
    assert max(times) < end.isoformat()
