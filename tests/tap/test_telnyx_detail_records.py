"""Telnyx's detail records: several a call, each type with a time field of its own."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import END, START, Output, catalog_of, configuration, parsed, run_tap, simulator
from werkzeug import Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer
    from werkzeug import Request

    from tap_voicecalls.simulator import Simulator

Record = dict[str, Any]

NOON = START + timedelta(hours=12)
SESSION = {"telnyx_session_id": "s-1", "currency": "USD"}
STREAM = "telnyx_detail_records"

pytestmark = pytest.mark.usefixtures("only_calls")


@dataclass
class Api:
    """A scripted list of detail records, which refuses a filter that a type does not have.

    Attributes:
        records: What there is, by record type; other types are refused.
        times: What each type can be filtered by; `started_at` unless it is here.
        options: What the endpoint of options answers; None for 404.
        meta: The `meta` of each page, true or not.
        page_size: The most records of a page.
        asked: What was asked for.
    """

    records: dict[str, list[Record]]
    times: dict[str, str] = field(default_factory=dict)
    options: Any = None
    meta: dict[str, Any] | None = None
    page_size: int = 50
    asked: list[dict[str, str]] = field(default_factory=list)

    def serve(self, server: HTTPServer) -> dict[str, Any]:
        """Answer at a server, and return the tap's configuration for it."""
        server.expect_request("/voice_sdk_call_reports").respond_with_json({"data": [], "meta": {}})
        server.expect_request("/detail_records").respond_with_handler(self.answer)
        server.expect_request("/detail_records/options").respond_with_handler(self.options_of)
        own = {"api_key": "k", "base_url": server.url_for("/").rstrip("/")}
        return {
            "start_date": START.isoformat(),
            "end_date": END.isoformat(),
            "max_tries": 1,
            "telnyx": {**own, "record_types": list(self.records)},
        }

    def options_of(self, request: Request) -> Response:
        """Answer what the options are."""
        self.asked.append({**request.args, "path": request.path})
        if self.options is None:
            return refusal(404)
        return Response(json.dumps(self.options), content_type="application/json")

    def answer(self, request: Request) -> Response:
        """Answer a page."""
        asked = dict(request.args)
        self.asked.append(asked)
        kind = asked["filter[record_type]"]
        name = self.times.get(kind, "started_at")
        if kind not in self.records or asked["sort"] != name:
            return refusal(400)
        lower, upper = asked[f"filter[{name}][gte]"], asked[f"filter[{name}][lt]"]
        found = [one for one in self.records[kind] if lower <= stamp(one[name]) < upper]
        found.sort(key=lambda one: stamp(one[name]))
        first = (int(asked["page[number]"]) - 1) * self.page_size
        pages = -(-len(found) // self.page_size)
        meta = {"total_pages": pages, "total_results": len(found), "page_size": self.page_size}
        page = found[first : first + self.page_size]
        body = {"data": page, "meta": meta if self.meta is None or not found else self.meta}
        return Response(json.dumps(body), content_type="application/json")


def refusal(status: int) -> Response:
    """Refuse as Telnyx does."""
    error = {"code": "10015", "title": "Bad Request", "detail": "No matching record type"}
    return Response(json.dumps({"errors": [error]}), status, content_type="application/json")


def stamp(time: str) -> str:
    """Write a time as the tap writes those of its filters."""
    return datetime.fromisoformat(time).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def record(at: datetime, own_id: str, **sent: Any) -> Record:  # noqa: ANN401 - a record's fields
    """Make a record."""
    return {"id": own_id, "started_at": at.isoformat(), **SESSION, **sent}


def failed(config: dict[str, Any], capsys: pytest.CaptureFixture[bytes], state: Any = None) -> Any:  # noqa: ANN401
    """Run the tap, which must fail, and return what it wrote and why it failed."""
    with pytest.raises(RunError) as caught:
        TapVoiceCalls(config=config, state=state).sync_all()
    return parsed(capsys.readouterr().out), caught.value.failures


def bookmark(output: Output) -> str:
    """Return the bookmark of the detail records."""
    (partition,) = output.state["bookmarks"][STREAM]["partitions"]
    value: str = partition.get("replication_key_value", "")
    return value


def test_records_of_two_types_with_one_id_are_both_written_and_are_one_call(
    httpserver: HTTPServer,
) -> None:
    """A key without the type keeps one of the two, and `calls` has two calls or half a cost."""
    api = Api(
        {
            "webrtc": [
                record(NOON, "leg-1", record_type="webrtc_detail_record", cost="0.002", call_sec=60)
            ],
            "sip-trunking": [record(NOON, "leg-1", cost="0.0401", call_sec=56, connected=True)],
        }
    )

    output = run_tap(api.serve(httpserver))

    kinds = {one["record_type"] for one in output.records(STREAM)}
    assert kinds == {"webrtc_detail_record", "sip-trunking"}
    (call,) = output.records("calls")
    assert (call["call_id"], call["cost"]) == ("s-1", Decimal("0.0421"))
    assert call["status"] == "completed"


def test_two_records_of_one_type_are_one_call(httpserver: HTTPServer) -> None:
    """The legs of a call within one type share its session: one of their costs must not vanish."""
    legs = [record(NOON, name, call_id="c", cost=cost) for name, cost in (("a", "1"), ("b", "2"))]

    output = run_tap(Api({"webrtc": legs}).serve(httpserver))

    assert len(output.records(STREAM)) == 2
    assert [call["cost"] for call in output.records("calls")] == [3]


def test_services_add_to_the_cost_and_are_not_calls(httpserver: HTTPServer) -> None:
    """Five records of one call counted as five calls would make every count wrong."""
    kinds = {"call-control": "0.0018", "sip-trunking": "0.005", "recording": "0.0005"}
    api = Api({kind: [record(NOON, kind, cost=cost)] for kind, cost in kinds.items()})
    api.records["amd"] = [{"id": "amd", "invoked_at": NOON.isoformat(), **SESSION, "cost": "0.01"}]
    api.records["messaging"] = [{"uuid": "m", "created_at": NOON.isoformat(), "cost": "9"}]
    api.times = {"amd": "invoked_at", "messaging": "created_at"}

    output = run_tap(api.serve(httpserver))

    assert [call["cost"] for call in output.records("calls")] == [Decimal("0.0173")]
    rows = {one["record_type"]: one for one in output.records(STREAM)}
    assert rows["messaging"]["id"] == "m"
    assert {one["started_at"] for one in rows.values()} == {"2026-01-05T12:00:00.000000Z"}


@pytest.mark.parametrize(
    "options",
    [
        None,
        {"data": {"filters": ["id", "created_at"], "sorts": ["created_at"]}},
        [{"record_type": "call-control", "fields": ["started_at"]}, {"webrtc": ["created_at"]}],
    ],
)
def test_a_refused_time_field_is_replaced(httpserver: HTTPServer, options: object) -> None:
    """A type that is filtered by another field than is documented is read by that one."""
    made = [record(NOON, "a", created_at=(NOON + timedelta(days=1)).isoformat())]
    api = Api({"webrtc": made}, {"webrtc": "created_at"}, options)
    config = api.serve(httpserver)

    output = run_tap({**config, "concurrency": 1})

    assert [one["id"] for one in output.records(STREAM)] == ["a"]
    sorts = [asked["sort"] for asked in api.asked if "sort" in asked]
    assert Counter(sorts)["started_at"] == 1, "what was learned is not kept for the run"
    assert bookmark(output) == "2026-01-09T00:00:00.000000Z"


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refused_type_does_not_stop_the_others(
    httpserver: HTTPServer, capsysbinary: pytest.CaptureFixture[bytes], status: int
) -> None:
    """A product that the account lacks fails the run, and is the only one that is not read."""
    api = Api({"webrtc": [record(NOON, "a")], "sip-trunking": [record(NOON, "b")]})
    config = api.serve(httpserver)
    config["telnyx"]["record_types"] = ["webrtc", "fax", "sip-trunking"]
    httpserver.clear_all_handlers()
    httpserver.expect_request(
        "/detail_records", query_string={"filter[record_type]": "fax"}
    ).respond_with_data(status=status)
    api.serve(httpserver)

    output, failures = failed(config, capsysbinary)

    assert {one["id"] for one in output.records(STREAM)} == {"a", "b"}
    assert len(failures) == 1
    assert "`fax`" in failures[0]
    assert "`telnyx.record_types`" in failures[0]
    assert bookmark(output) <= "2026-01-05T00:00:00.000000Z", "passes what was not read"


def test_a_refused_type_is_read_later_without_loss(
    httpserver: HTTPServer, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A type that is refused one night and not the next loses nothing of the first."""
    api = Api({"webrtc": [record(NOON, "a")]})
    config = api.serve(httpserver)
    config["telnyx"]["record_types"] = ["webrtc", "sip-trunking"]
    output, _ = failed(config, capsysbinary)
    api.records["sip-trunking"] = [record(NOON, "b")]

    again = run_tap(config, state=output.state)

    assert "b" in {one["id"] for one in again.records(STREAM)}


@pytest.mark.parametrize(
    "meta",
    [
        {"total_pages": 1, "total_results": 0},
        {"total_pages": 0, "total_results": "120"},
        {"total_pages": -3, "total_results": -3},
        {"total_pages": True, "total_results": 50},
        {"total_pages": 1, "total_results": 20, "page_size": 20},
        {},
    ],
)
def test_reported_totals_do_not_end_the_list(httpserver: HTTPServer, meta: dict[str, Any]) -> None:
    """A list that reports fewer records than it has is still read to its end."""
    size = meta.get("page_size", 50)
    made = [record(NOON + timedelta(seconds=n), str(n)) for n in range(2 * size + 20)]
    api = Api({"webrtc": made}, meta=meta, page_size=size)
    config = api.serve(httpserver)

    output = run_tap({**config, "end_date": (NOON + timedelta(hours=1)).isoformat()})

    assert len(output.records(STREAM)) == len(made)


def test_records_are_written_once_if_the_server_ignores_the_filter(httpserver: HTTPServer) -> None:
    """Records that come for each window alike are written once, and so is their call."""
    legs = [record(NOON, name, cost=cost) for name, cost in (("a", "1"), ("b", "2"))]
    config = Api({"webrtc": []}).serve(httpserver)
    httpserver.clear_all_handlers()
    meta = {"total_pages": 1, "total_results": 2, "page_number": 1, "page_size": 50}
    httpserver.expect_request("/detail_records").respond_with_json({"data": legs, "meta": meta})
    httpserver.expect_request("/voice_sdk_call_reports").respond_with_json({"data": [], "meta": {}})

    output = run_tap({**config, "end_date": (START + timedelta(days=1)).isoformat()})

    assert [one["id"] for one in output.records(STREAM)] == ["a", "b"]
    assert [call["cost"] for call in output.records("calls")] == [3]


def test_a_session_over_midnight_is_whole_in_one_shard(httpserver: HTTPServer) -> None:
    """Shards meet at midnight: the call is of the one in which it starts, with all its costs."""
    midnight = START + timedelta(days=2)
    minute = timedelta(minutes=1)
    api = Api(
        {
            "webrtc": [record(midnight - minute, "a", cost="1")],
            "sip-trunking": [record(midnight + minute, "b", cost="2")],
        }
    )
    config = api.serve(httpserver)

    early = run_tap({**config, "end_date": midnight.isoformat()})
    late = run_tap({**config, "start_date": midnight.isoformat()})

    assert [one["id"] for one in early.records(STREAM)] == ["a"]
    assert [one["id"] for one in late.records(STREAM)] == ["b"]
    assert [call["cost"] for call in early.records("calls")][-1:] == [3]
    assert late.records("calls") == []


def test_a_cost_that_comes_in_a_later_run_replaces_the_sum(httpserver: HTTPServer) -> None:
    """A run that reads the second half of a session only must not write half its cost."""
    at = START + timedelta(days=2)
    api = Api({"webrtc": [record(at - timedelta(hours=3), "a", cost="1")], "stt": []})
    api.times = {"stt": "start_time"}
    config = {**api.serve(httpserver), "lookback_hours": 1}
    first = run_tap({**config, "end_date": at.isoformat()})
    made = record(at + timedelta(minutes=1), "b", cost="2")
    api.records["stt"] = [{**made, "start_time": made.pop("started_at")}]

    second = run_tap(config, state=first.state)

    assert [call["cost"] for call in first.records("calls")] == [1]
    assert [call["cost"] for call in second.records("calls")] == [3]
    assert [one["id"] for one in second.records(STREAM)] == ["b"]


def test_a_running_call_is_read_by_the_next_run(httpserver: HTTPServer) -> None:
    """A call longer than the lookback appears before the span, and is not passed over."""
    at = START + timedelta(days=2)
    api = Api({"webrtc": []})
    config = {**api.serve(httpserver), "lookback_hours": 0}
    first = run_tap({**config, "end_date": at.isoformat()})
    finished = (at + timedelta(minutes=5)).isoformat()
    api.records["webrtc"] = [record(at - timedelta(hours=3), "a", finished_at=finished)]

    second = run_tap(config, state=first.state)

    assert [one["id"] for one in second.records(STREAM)] == ["a"]
    assert len(second.records("calls")) == 1


def test_the_bookmark_waits_for_the_day_after_the_end(
    httpserver: HTTPServer, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A shard that fails in the day after its end is not complete, and its state says so."""
    api = Api({"webrtc": [record(NOON, "a")]})
    config = api.serve(httpserver)
    honest = api.answer

    def answer(request: Request) -> Response:
        after = request.args["filter[started_at][gte]"] >= stamp(END.isoformat())
        return Response(status=403) if after else honest(request)

    httpserver.clear_all_handlers()
    httpserver.expect_request("/detail_records").respond_with_handler(answer)
    httpserver.expect_request("/voice_sdk_call_reports").respond_with_json({"data": [], "meta": {}})

    output, failures = failed(config, capsysbinary)

    assert "403" in failures[0]
    assert START.strftime("%Y") < bookmark(output) < stamp(END.isoformat())


def test_calls_with_several_currencies_are_counted_in_the_log(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A cost that is null because it cannot be added up is counted in the log."""
    api = Api({"webrtc": [record(NOON, "a", cost="1")]})
    api.records["sip-trunking"] = [record(NOON, "b", cost="1", currency="EUR")]

    with caplog.at_level(logging.WARNING):
        output = run_tap(api.serve(httpserver))

    assert [call["cost"] for call in output.records("calls")] == [None]
    assert "1 calls have costs in several currencies" in caplog.text


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator whose pages are small."""
    with simulator() as made:
        made.page_sizes["telnyx"] = 7
        yield made


KINDS = [
    *("webrtc", "sip-trunking", "call-control", "ai-voice-assistant", "speech-to-text"),
    *("text-to-speech", "recording", "amd"),
]


def test_every_type_is_read_and_all_costs_are_in_calls(served: Simulator) -> None:
    """What the detail records cost is what the calls cost, and there is a call a session."""
    config = configuration(served, "telnyx")
    config["telnyx"]["record_types"] = KINDS
    truth = served.records(STREAM, record_types=KINDS)

    output = run_tap(config)

    rows = output.records(STREAM)
    assert len(rows) == len(truth) > 300
    assert len({(row["record_type"], row["id"]) for row in rows}) == len(rows)
    calls = {call["call_id"]: call for call in output.records("calls")}
    assert len(calls) == len(served.world.calls("telnyx"))
    spent = sum(Decimal(str(one["cost"])) for one in truth)
    assert sum(call["cost"] for call in calls.values()) == spent
    assert {call["status"] for call in calls.values()} >= {"completed", "busy", "canceled"}
    assert not [one for one in served.requests if one.status != 200]


def test_calls_are_the_same_without_the_detail_records(served: Simulator) -> None:
    """With the records deselected, `calls` has the same rows."""
    config = configuration(served, "telnyx")
    config["telnyx"]["record_types"] = KINDS
    deselected = {STREAM: False, "telnyx_call_reports": False}

    alone = run_tap(config, catalog=catalog_of(config, **deselected))

    assert alone.records("calls") == run_tap(config).records("calls") != []
    assert alone.records(STREAM) == []


def test_an_added_type_is_read_with_the_others(httpserver: HTTPServer) -> None:
    """Read alone, its records would overwrite each call with a part of its cost."""
    api = Api({"webrtc": [record(NOON, "a", cost="1")], "sip-trunking": []})
    config = api.serve(httpserver)
    config["telnyx"]["record_types"] = ["webrtc"]
    first = run_tap({**config, "lookback_hours": 1})
    api.records["sip-trunking"] = [record(NOON, "b", cost="2")]
    config["telnyx"]["record_types"] = ["webrtc", "sip-trunking"]

    second = run_tap({**config, "lookback_hours": 1}, state=first.state)

    assert [call["cost"] for call in second.records("calls")] == [3]
    assert "b" in {one["id"] for one in second.records(STREAM)}
