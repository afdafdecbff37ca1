"""Retell's lists and calls in forms that the simulated API does not send by itself."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import Output, catalog_of, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_httpserver import HTTPServer

STREAM, DETAILS = "retell_calls", "retell_call_details"
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def millis(moment: datetime) -> int:
    """Return a time as Unix milliseconds."""
    return int(moment.timestamp() * 1000)


class Server:
    """A server of calls, by start or by creation (`at`), in pages."""

    def __init__(self, server: HTTPServer, *, page: int = 1000) -> None:
        self.server, self.page = server, page
        self.calls: list[dict[str, Any]] = []
        self.details: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.requested: list[str] = []
        self.refuses_status = 0
        self.hook: Callable[[dict[str, Any]], Response | None] = lambda _: None
        server.expect_request("/v3/list-calls").respond_with_handler(self._list)
        server.expect_request(re.compile("^/v2/get-call/")).respond_with_handler(self._get)

    def add(self, key: str, at: datetime, *, is_started: bool = True, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Add a call."""
        own = {"call_id": key, "call_type": "web_call", "call_status": "ended", "at": millis(at)}
        if is_started:
            own |= {"start_timestamp": millis(at), "end_timestamp": millis(at) + 60_000}
        else:
            own["call_status"] = "not_connected"
        self.calls.append(own | fields)

    def looks(self) -> list[dict[str, Any]]:
        """Return the requests for calls of any time, and forget all."""
        asked, self.asked = self.asked, []
        return [body for body in asked if "call_status" in body["filter_criteria"]]

    def run(self, state: dict[str, Any] | None = None, **more: Any) -> Output:  # noqa: ANN401 - settings
        """Read up to now."""
        details = more.pop("details", False)
        own = {"api_key": "KEY", "base_url": self.server.url_for("").rstrip("/")}
        config = {"start_date": (NOW - 40 * 24 * HOUR).isoformat(), "retell": own} | more
        catalog = catalog_of(config, retell_call_details=bool(details))
        return run_tap(config, catalog=catalog, state=state)

    def _list(self, request: Request) -> Response:
        body: Any = request.get_json()
        self.asked.append(body)
        if (odd := self.hook(body)) is not None:
            return odd
        criteria = body["filter_criteria"]
        found = sorted(self.calls, key=lambda call: call["at"])
        if "call_status" in criteria:
            if self.refuses_status:
                return Response('{"message": "no"}', self.refuses_status)
            found = [one for one in found if one["call_status"] in criteria["call_status"]["value"]]
        else:
            lower, upper = criteria["start_timestamp"]["value"]
            found = [one for one in found if lower <= one.get("start_timestamp", -1) <= upper]
        if body["sort_order"] == "descending":
            found.reverse()
        at = int(body.get("pagination_key", 0))
        more = len(found) > at + self.page
        items = [{k: v for k, v in one.items() if k != "at"} for one in found]
        answer = {"items": items[at : at + self.page], "has_more": more}
        answer["pagination_key"] = str(at + self.page)
        if body.get("include_total"):
            answer["total"] = len(found)
        return Response(json.dumps(answer), content_type="application/json")

    def _get(self, request: Request) -> Response:
        key = request.path.split("/")[-1]
        self.requested.append(key)
        (call,) = (one for one in self.calls if one["call_id"] == key)
        body = {k: v for k, v in call.items() if k != "at"} | self.details.get(key, {})
        return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    """A server without calls."""
    return Server(httpserver)


def keys(output: Output, stream: str = STREAM) -> list[str]:
    """Return the ids of calls, sorted."""
    return sorted(str(record["call_id"]) for record in output.records(stream))


def mixed(server: Server) -> None:
    """Add 30 days of calls that failed: on each page some of them have no start."""
    server.page = 10
    for number in range(300):
        at = NOW - timedelta(days=30) + number * timedelta(hours=2.3)
        server.add(f"c{number:03}", at, is_started=number % 3 != 0, call_status="error")


def test_calls_without_a_start_are_read_back_to_the_start_once(server: Server) -> None:
    """Each run read a hundred pages for calls that earlier runs had read."""
    mixed(server)
    first = server.run()
    many = len(server.looks())
    server.add("new", NOW - HOUR, is_started=False)
    server.add("late", NOW - 20 * HOUR, is_started=False)

    again = server.run(first.state)

    assert len(keys(first)) == 300
    assert many > 30
    assert {"new", "late"} <= set(keys(again))
    assert len(server.looks()) <= 5


def test_an_earlier_start_date_reads_further_back(server: Server) -> None:
    """What was not asked for before was not read."""
    mixed(server)
    first = server.run(start_date=(NOW - timedelta(days=10)).isoformat())
    before = {key for key in keys(first) if int(key[1:]) % 3 == 0}

    again = server.run(first.state, start_date=(NOW - timedelta(days=40)).isoformat())

    unstarted = {r["call_id"] for r in again.records(STREAM) if not r["start_timestamp"]}
    assert len(before) < 100
    assert len(unstarted) == 100


def test_details_remember_calls_without_a_start_by_themselves(server: Server) -> None:
    """What the stream of the list has read is in no row of the details."""
    mixed(server)
    first = server.run()
    server.looks()

    again = server.run(first.state, details=True)

    assert len(keys(again, DETAILS)) == 300
    later = server.run(again.state, details=True)
    server.looks()
    server.run(later.state, details=True)
    assert len(server.looks()) <= 10  # of both streams


@pytest.mark.parametrize("status", [400, 403])
def test_calls_without_a_start_that_cannot_be_read_fail_the_run(
    server: Server, status: int
) -> None:
    """They would be missing, with exit code 0; all others are written."""
    server.add("one", NOW - HOUR)
    server.refuses_status = status

    with pytest.raises(RunError) as failed:
        server.run()

    (line,) = failed.value.failures
    assert f"{status} " in line


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize("times", [1, 1000])
def test_a_cursor_that_is_refused(server: Server, status: int, times: int) -> None:
    """Catches a list that fails because the call that a cursor names was deleted meanwhile.

    A lasting refusal fails the run, and is not asked for again and again.
    """
    server.page = 10
    for number in range(35):
        server.add(f"c{number}", NOW - HOUR - timedelta(minutes=number))
    refused: list[Any] = []

    def refuse(body: dict[str, Any]) -> Response | None:
        if "start_timestamp" not in body["filter_criteria"] or not body.get("pagination_key"):
            return None
        if len(refused) == times:
            return None
        refused.append(body)
        server.calls[:] = [call for call in server.calls if call["call_id"] != "c30"]
        return Response('{"message": "no such pagination_key"}', status)

    server.hook = refuse
    if times == 1:
        found = {str(record["call_id"]) for record in server.run().records(STREAM)}
        assert found >= {f"c{number}" for number in range(35) if number != 30}
    else:
        with pytest.raises(RunError, match=str(status)):
            server.run()
    assert len(refused) == min(times, 3)


def test_a_status_that_the_server_does_not_know(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a stream that fails in each run, and calls of the other status that are not read."""
    server.add("one", NOW - HOUR)
    server.add("never", NOW - 2 * HOUR, is_started=False, call_status="error")

    def refuse(body: dict[str, Any]) -> Response | None:
        statuses = body["filter_criteria"].get("call_status", {}).get("value", ())
        is_known = "not_connected" not in statuses
        return None if is_known else Response('{"message": "unknown call_status"}', 400)

    server.hook = refuse

    assert {record["call_id"] for record in server.run().records(STREAM)} == {"one", "never"}
    assert "calls that are not_connected cannot be listed" in caplog.text


def unfiltered(server: Server, pages: dict[str | None, dict[str, Any]]) -> None:
    """Let the list of calls of any time have these pages, by their key."""

    def answer(body: dict[str, Any]) -> Response | None:
        if "call_status" not in body["filter_criteria"]:
            return None
        found = {"has_more": False} | pages[body.get("pagination_key")]
        return Response(json.dumps(found), content_type="application/json")

    server.hook = answer


NEVER = {"call_id": "never", "call_status": "error"}


def test_an_empty_page_of_calls_without_a_start(server: Server) -> None:
    """Catches a call on the page after it, lost with exit code 0: `has_more` decides."""
    empty = {"items": [], "has_more": True, "pagination_key": "k"}
    unfiltered(server, {None: empty, "k": {"items": [NEVER]}})

    assert [record["call_id"] for record in server.run().records(STREAM)] == ["never"]


def test_a_key_of_calls_without_a_start_that_repeats(server: Server) -> None:
    """Catches two hundred requests for one page, and a warning of calls that do not exist."""
    page = {"items": [NEVER], "has_more": True, "pagination_key": "k"}
    unfiltered(server, {None: page, "k": page})

    with pytest.raises(RunError, match="pagination loop"):
        server.run()
    assert len(server.looks()) == 2


def test_a_deleted_call_without_a_start(server: Server) -> None:
    """Catches a run that fails because the call that a key names was deleted meanwhile."""
    server.page = 10
    for number in range(35):
        server.add(f"c{number}", NOW - HOUR - timedelta(minutes=number), is_started=False)
    refused: list[Any] = []

    def refuse(body: dict[str, Any]) -> Response | None:
        if refused or not body.get("pagination_key"):
            return None
        refused.append(body)
        return Response('{"message": "no such pagination_key"}', 400)

    server.hook = refuse

    assert len(server.run().records(STREAM)) == 35


def test_only_first_pages_ask_for_a_total(server: Server) -> None:
    """The server counts for each."""
    server.page = 10
    for number in range(35):
        server.add(f"c{number}", NOW - HOUR - number * timedelta(minutes=1))

    output = server.run()

    assert len(keys(output)) == 35
    asked = [(body.get("pagination_key"), "include_total" in body) for body in server.asked]
    assert len([key for key, _ in asked if key]) >= 3
    windows = [body for body in server.asked if "start_timestamp" in body["filter_criteria"]]
    assert all(("pagination_key" in body) != ("include_total" in body) for body in windows)
    assert not any("include_total" in body for body in server.looks())


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        ({"combined_cost": 3}, "0.03"),
        ({}, "0.04"),
        ({"combined_cost": None}, "0.04"),
    ],
)
def test_a_cost_without_a_total_is_the_sum(server: Server, told: dict[str, Any], cost: str) -> None:
    """The products were told, and the call had no cost."""
    products = [
        {"product": "elevenlabs_tts", "cost": 1.5},
        {"product": "gpt_4o", "cost": 2.5},
        {"product": "odd"},
    ]
    server.add("one", NOW - HOUR, call_cost={"product_costs": products} | told)

    output = server.run()

    (call,) = output.records("calls")
    assert (call["cost"], call["currency"]) == (Decimal(cost), "USD")
    total = sum((Decimal(line["amount"]) for line in output.records("call_costs")), Decimal(0))
    assert total == Decimal(cost)


@pytest.mark.parametrize(("hours", "is_held"), [(1, True), (2.5, True), (30, False)])
def test_a_stuck_call_holds_no_bookmark(server: Server, hours: float, *, is_held: bool) -> None:
    """No call lasts longer than two hours: each run would read a week again."""
    start = NOW - hours * HOUR
    server.add("one", start, call_status="ongoing", end_timestamp=None)

    output = server.run(lookback_hours=0)

    (partition,) = output.state["bookmarks"][STREAM]["partitions"]
    reached = datetime.fromisoformat(partition["replication_key_value"])
    assert (reached <= start) is is_held
    assert [call["status"] for call in output.records("calls")] == ["in_progress"]


def test_a_transfer_that_was_canceled_went_nowhere(server: Server) -> None:
    """The number is that of somebody who never got the call."""
    to: dict[str, Any] = {"transfer_destination": "+12125550101"}
    server.add("a", NOW - HOUR, disconnection_reason="call_transfer", **to)
    server.add("b", NOW - HOUR, disconnection_reason="transfer_cancelled", **to)

    calls = {call["call_id"]: call for call in server.run().records("calls")}

    assert {key: call["transferred_to"] for key, call in calls.items()} == {
        "a": "+12125550101",
        "b": None,
    }


def said(text: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return one entry of a transcript."""
    return {"role": "agent", "content": text} | fields


@pytest.mark.parametrize(
    ("details", "texts"),
    [
        ({"transcript_with_tool_calls": [None, {}], "transcript_object": [said("b")]}, ["b"]),
        ({"scrubbed_transcript_with_tool_calls": [said("[NAME]")]}, ["[NAME]"]),
        ({"transcript": "Agent: hello"}, ["Agent: hello"]),
        ({"transcript": " \n"}, []),
        ({"transcript_object": [said(" ", role="dtmf", digit="5")]}, ["5"]),
        ({"transcript_object": [said("a", words=[{"word": "a"}, {"start": 2, "end": 3}])]}, ["a"]),
    ],
)
def test_what_was_said_in_each_form(
    server: Server, details: dict[str, Any], texts: list[str]
) -> None:
    """An empty form hides no other one."""
    server.add("one", NOW - HOUR)
    server.details["one"] = details

    output = server.run(details=True)

    assert [turn["text"] for turn in output.records("call_turns")] == texts
    (call,) = output.records("calls")
    assert call["turns"] == len(texts)
    assert call["has_transcript"] is (bool(texts) and texts != ["5"])  # a digit is no word
    if "words" in str(details):
        (turn,) = output.records("call_turns")
        assert (turn["offset_seconds"], turn["duration_seconds"]) == (2, 1)


def test_a_result_has_the_name_of_its_tool(server: Server) -> None:
    """It names the call of the tool only, and a query by tool would miss what it returned."""
    entries = [
        {"role": "tool_call_invocation", "tool_call_id": "t", "name": "book", "arguments": "{}"},
        {"role": "tool_call_result", "tool_call_id": "t", "content": "ok", "successful": True},
    ]
    server.add("one", NOW - HOUR)
    server.details["one"] = {"transcript_with_tool_calls": entries}

    turns = server.run(details=True).records("call_turns")

    assert [turn["tool_name"] for turn in turns] == ["book", "book"]


def test_an_expired_link_is_renewed(server: Server, tmp_path: Path) -> None:
    """A signed link lives a day; each response with the details has a new one."""
    expired = "X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-Signature=s"
    count = 0

    def file(request: Request) -> Response:
        if request.args.get("v") == "2":
            return Response(b"RIFF", content_type="audio/wav")
        return Response("expired", 403)

    server.add("one", NOW - HOUR)
    base = server.server.url_for("/files/a.wav")

    def get(_: Request) -> Response:
        nonlocal count
        count += 1
        body = server.calls[0] | {"recording_multi_channel_url": f"{base}?v={count}&{expired}"}
        return Response(json.dumps(body), content_type="application/json")

    server.server.clear_all_handlers()
    server.server.expect_request("/v3/list-calls").respond_with_handler(server._list)  # noqa: SLF001 - its own
    server.server.expect_request("/files/a.wav").respond_with_handler(file)
    server.server.expect_request(re.compile("^/v2/get-call/")).respond_with_handler(get)

    output = server.run(details=True, recordings={"root": str(tmp_path)})

    (row,) = output.records("call_recordings")
    assert (row["status"], row["recording"], row["channels"]) == ("archived", "multi_channel", 2)
    assert count == 2


def test_scrubbed_recordings_stand_in_for_the_others(server: Server) -> None:
    """An account that stores no personal data has no others, and one recording is not two."""
    scrubbed = {"scrubbed_recording_url": "https://files.example/s.wav"}
    server.add("a", NOW - HOUR)
    server.add("b", NOW - HOUR)
    server.details = {"a": scrubbed, "b": scrubbed | {"recording_url": "https://files.example/b"}}

    output = server.run(details=True)

    rows = {row["call_id"]: row["recording"] for row in output.records("call_recordings")}
    assert rows == {"a": "scrubbed", "b": "0"}
    assert all(call["has_recording"] for call in output.records("calls"))


def test_the_simulated_world_is_read_whole_with_less() -> None:
    """Calls that fail between two runs are found, wherever the list has them."""
    with simulator() as served:
        served.options |= {"retell_unstarted": True, "retell_unstarted_place": "mixed"}
        served.page_sizes["retell"] = 4
        config = configuration(served, "retell")
        del config["end_date"]
        first = run_tap(config)
        before = len(served.requests)
        start = datetime.now(UTC) - HOUR
        served.now = datetime.now(UTC)
        served.world.add("retell", start=start, outcome="failed", duration=5)
        again = run_tap(config, state=first.state)
        looks = [one for one in served.requests[before:] if "call_status" in str(one.body)]
        truth = {record["call_id"] for record in served.records(STREAM)}

    assert set(keys(first)) | set(keys(again)) == truth
    assert len(looks) <= 3
