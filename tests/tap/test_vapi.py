"""Vapi's calls: bursts in a millisecond, changes that come late, secrets, the carrier's own row."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support import START, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.records.secrets import REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator

STREAM = "vapi_calls"
# The OpenAPI document, `GET /call`.
ALLOWED = {"limit"} | {
    f"{f}At{s}" for f in ("created", "updated") for s in ("Gt", "Ge", "Lt", "Le")
}
PLANTED = "s3cr3t-of-a-vendor"


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


def ids(records: list[dict[str, Any]]) -> Counter[str]:
    """Count the ids of calls."""
    return Counter(str(record["id"]) for record in records)


def add(served: Simulator, count: int, start: datetime) -> None:
    """Let calls be created in one millisecond."""
    made = [served.world.make_call("vapi", start=start) for _ in range(count)]
    served.world.calls("vapi").extend(made)


@pytest.mark.parametrize("count", [99, 100, 101, 300, 500, 999])
@pytest.mark.parametrize("place", [timedelta(days=1), timedelta(hours=5, milliseconds=3)])
def test_a_burst_in_a_millisecond_is_read_whole(
    served: Simulator, count: int, place: timedelta
) -> None:
    """A campaign creates hundreds of calls at once; paging past their time would lose the rest."""
    served.options["vapi_presigned"] = True
    add(served, count, START + place)

    output = run_tap(configuration(served, "vapi"))

    assert ids(output.records(STREAM)) == ids(served.records(STREAM))
    assert {name for request in served.requests for name, _ in request.query} <= ALLOWED


def test_a_burst_alone_is_read_whole() -> None:
    """No other call shows that the list goes on."""
    with simulator(calls_per_day=0) as served:
        add(served, 500, START + timedelta(hours=1))

        output = run_tap(configuration(served, "vapi"))

        assert ids(output.records(STREAM)) == ids(served.records(STREAM))


def test_a_burst_beyond_the_largest_page_is_an_error(served: Simulator) -> None:
    """What cannot be requested must not be passed over."""
    add(served, 1001, START + timedelta(hours=5))

    with pytest.raises(RunError, match="1000 records share the time"):
        run_tap(configuration(served, "vapi"))


@pytest.mark.parametrize("cap", [50, 70])
def test_a_server_with_smaller_pages(served: Simulator, cap: int) -> None:
    """A capped page looks like the last one; a burst that fills it is an error."""
    served.page_sizes["vapi"] = cap
    add(served, cap - 10, START + timedelta(hours=5))
    output = run_tap(configuration(served, "vapi"))
    assert ids(output.records(STREAM)) == ids(served.records(STREAM))

    add(served, 20, START + timedelta(hours=5))
    with pytest.raises(RunError, match="share the time"):
        run_tap(configuration(served, "vapi"))


def up_to_now(served: Simulator, **own: Any) -> dict[str, Any]:  # noqa: ANN401 - of the tap
    """Return a configuration of a scheduled run that began a week ago."""
    served.now = datetime.now(UTC)
    since = (served.now - timedelta(days=7)).isoformat()
    config = configuration(served, "vapi", start_date=since, **own)
    del config["end_date"]
    return config


def test_a_late_change_is_read_without_a_lookback(served: Simulator) -> None:
    """Costs and structured outputs may come days after a call."""
    config = up_to_now(served, lookback_hours=0)
    assert served.now
    start = served.now - timedelta(days=5)
    served.world.add("vapi", start=start, costs_at=served.now + timedelta(minutes=1))
    served.world.add("vapi", start=start - timedelta(hours=1), outcome="completed")
    first = run_tap(config)
    assert len(first.records(STREAM)) == 2
    before = len(served.requests)

    served.now += timedelta(hours=1)
    again = run_tap(config, state=first.state)

    (changed,) = again.records(STREAM)
    assert changed["cost"] is not None
    queries = [dict(request.query) for request in served.requests[before:]]
    assert ["updatedAtGe" in query for query in queries] == [False, True, True]
    quiet = run_tap(config, state=again.state)
    assert len(served.requests) - before - len(queries) <= 3
    assert len(quiet.records(STREAM)) <= 1


def test_a_late_change_does_not_hold_the_bookmark_back(served: Simulator) -> None:
    """A scheduled call that ends days later would have all days since read again and again."""
    config = up_to_now(served, lookback_hours=24)
    assert served.now
    days = timedelta(days=5)
    served.world.add("vapi", start=served.now - days, duration=days.total_seconds() - 60)
    value = (served.now - timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    partition = {"context": {"account": "default"}, "replication_key_value": value}

    output = run_tap(config, state={"bookmarks": {STREAM: {"partitions": [partition]}}})

    assert len(output.records(STREAM)) == 1
    (after,) = output.state["bookmarks"][STREAM]["partitions"]
    assert after["replication_key_value"] > value


def test_an_old_bookmark_is_warned_of(served: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """After two weeks without a run the calls between may be gone, and nothing would say so."""
    config = up_to_now(served)
    first = run_tap(config)
    text = json.dumps(first.state)
    value = first.state["bookmarks"][STREAM]["partitions"][0]["replication_key_value"]
    old = (datetime.now(UTC) - timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    assert "may be lost for good" not in caplog.text
    run_tap(config, state=json.loads(text.replace(value, old)))

    assert "the provider may keep calls for 14 days only" in caplog.text


def test_a_range_that_was_read_is_not_warned_of(
    served: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a false alarm in each run after the first, if the `end_date` is long ago."""
    config = configuration(served, "vapi")
    run_tap(config, state=run_tap(config).state)

    assert "may be lost for good" not in caplog.text


NAMES = [
    *("twilioAuthToken", "twilioApiKey", "twilio_api_secret", "callToken", "authPassword"),
    *("awsSecretAccessKey", "secretAccessKey", "privateKey", "hmacSecret", "clientSecret"),
    *("secret_key", "apiSecret", "API-KEY", "headers", "sipHeaders", "credentials", "secret"),
    *("listenUrl", "control_url", "Authorization"),
]
KEPT = {
    "credentialId": "c-1",
    "credentialIds": ["c-2"],
    "promptTokens": 7,
    "cachedPromptTokens": 8,
    "secretIsBase64": True,
    "tokenUri": "https://x.example/token",
    "maxTokens": 300,
}


@pytest.mark.parametrize("name", NAMES)
def test_secrets_are_removed_at_every_depth(
    served: Simulator, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The record of a call holds the keys of the vendors that its assistant uses."""

    def plant(_: str, record: dict[str, Any]) -> None:
        deep = {"tools": [{"server": {name: {"X": PLANTED}}}], **KEPT}
        record |= {"assistant": deep, "undocumented": {"a": [{name: PLANTED}]}, name: [PLANTED]}
        record["artifact"] = record.get("artifact", {}) | {"nodes": [{name: PLANTED}]}
        for line in record.get("costs", []):
            line["model"] = {"provider": "openai", "model": "m", name: PLANTED}

    served.on_record(plant)
    output = run_tap(configuration(served, "vapi"))

    assert PLANTED not in json.dumps(output.messages, default=str) + caplog.text
    record = output.records(STREAM)[0]
    assert KEPT.items() <= record["assistant"].items()
    assert record["additional_fields"]["undocumented"] == {"a": [{name: REMOVED}]}


def test_addresses_keep_their_signatures(served: Simulator) -> None:
    """Without its signature a presigned address opens nothing."""
    served.options["vapi_presigned"] = True
    output = run_tap(configuration(served, "vapi"))

    told = [record["additional_fields"] for record in output.records(STREAM)]
    links = [one["artifact"]["presignedMonoUrl"] for one in told if one]
    assert links
    assert all("X-Amz-Signature=" in link and REMOVED not in link for link in links)


def test_a_call_in_all_common_streams(served: Simulator) -> None:
    """The parts of a cost add up to it, and name vendor and model; a tool is a turn."""
    output = run_tap(configuration(served, "vapi"))

    calls = {call["call_id"]: call for call in output.records("calls")}
    lines: dict[str, list[Any]] = {}
    for line in output.records("call_costs"):
        lines.setdefault(line["call_id"], []).append(line)
    assert lines
    for key, of_call in lines.items():
        total = sum((Decimal(line["amount"]) for line in of_call), Decimal(0))
        assert calls[key]["cost"] == total
        assert [line["component"] for line in of_call] == [
            *("telephony", "stt", "llm", "tts", "platform", "other")
        ]
    model = next(iter(lines.values()))[2]
    assert (model["vendor"], model["model"]) == ("openai", "gpt-4o")
    key = next(iter(lines))
    turns = [turn for turn in output.records("call_turns") if turn["call_id"] == key]
    assert [turn["role"] for turn in turns[-2:]] == ["tool", "tool"]
    assert turns[-2]["tool_arguments"] == '{"day": "Tuesday"}'
    assert turns[-1]["tool_result"] == "booked"
    assert turns[0]["duration_seconds"] == Decimal("0.5")
    recorded = {row["call_id"] for row in output.records("call_recordings")}
    assert recorded == {key for key, call in calls.items() if call["has_recording"]}


class Pages:
    """A server that answers with one array, whatever it is asked."""

    def __init__(self, server: HTTPServer, calls: list[dict[str, Any]]) -> None:
        self.calls, self.asked = calls, list[Request]()
        server.expect_request("/call").respond_with_handler(self.answer)
        self.base_url = server.url_for("").rstrip("/")

    def answer(self, request: Request) -> Response:
        """Answer with all calls."""
        self.asked.append(request)
        return Response(json.dumps(self.calls), content_type="application/json")

    def config(self) -> dict[str, Any]:
        """Return a configuration for one day."""
        own = {"api_key": "KEY", "base_url": self.base_url}
        return {"start_date": "2026-01-05", "end_date": "2026-01-06", "vapi": own}


@pytest.mark.parametrize(
    ("hours", "line"),
    [((1, 2, 3), "not sorted by time"), ((3, 2, 1), "repeated a page")],
)
def test_a_server_that_ignores_what_it_is_asked(
    httpserver: HTTPServer, hours: tuple[int, ...], line: str
) -> None:
    """Another order, or a filter that does nothing, would lose calls."""
    calls = [
        {"id": f"c{n}", "createdAt": f"2026-01-05T0{n}:00:00.000Z", "status": "ended"}
        for n in hours
    ]

    with pytest.raises(RunError, match=line):
        run_tap(Pages(httpserver, calls).config())


DAY = datetime(2026, 1, 5, tzinfo=UTC)


class Store(Pages):
    """A server that filters by the times that it stores, and prints milliseconds."""

    def __init__(self, server: HTTPServer, *, cap: int = 1000, is_exclusive: bool = False) -> None:
        super().__init__(server, [])
        self.stored: list[tuple[datetime, datetime, dict[str, Any]]] = []
        self.cap, self.is_exclusive = cap, is_exclusive

    def add(self, created: datetime, updated: datetime | None = None, **own: Any) -> None:  # noqa: ANN401 - of a call
        """Store an ended call."""
        times = {name: _printed(created) for name in ("createdAt", "startedAt", "endedAt")}
        record = {"id": f"c{len(self.stored)}", "status": "ended", "cost": None, **times, **own}
        self.stored.append((created, updated or created, record))

    def answer(self, request: Request) -> Response:
        """Answer as it was asked to, newest first."""
        self.asked.append(request)
        found = [
            one for one in self.stored if all(self._fits(one, *q) for q in request.args.items())
        ]
        found.sort(key=lambda one: (one[0], one[2]["id"]), reverse=True)
        self.calls = [one[2] for one in found[: min(self.cap, int(request.args["limit"]))]]
        return Response(json.dumps(self.calls), content_type="application/json")

    def _fits(self, one: tuple[datetime, datetime, Any], name: str, text: str) -> bool:
        if name == "limit":
            return True
        stored = one[0] if name.startswith("created") else one[1]
        bound, sign = datetime.fromisoformat(text), name[-2:]
        sign = "Lt" if sign == "Le" and self.is_exclusive else sign
        signs = {"Ge": stored >= bound, "Le": stored <= bound, "Lt": stored < bound}
        return signs[sign]

    def wanted(self) -> Counter[str]:
        """Count the ids of all calls."""
        return Counter(one[2]["id"] for one in self.stored)


def _printed(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("is_exclusive", [False, True])
def test_times_that_are_stored_finer_than_printed(
    httpserver: HTTPServer, *, is_exclusive: bool
) -> None:
    """The printed time is before the stored one: asked for as it is, it hides a part of a burst."""
    store = Store(httpserver, is_exclusive=is_exclusive)
    for number in range(700):
        store.add(DAY + timedelta(hours=3, microseconds=number * 5))

    output = run_tap(store.config())

    assert ids(output.records(STREAM)) == store.wanted()


@pytest.mark.parametrize("count", [50, 100])
def test_a_burst_before_which_there_is_nothing(httpserver: HTTPServer, count: int) -> None:
    """An account that began with a campaign would have an error in each run."""
    store = Store(httpserver)
    for _ in range(count):
        store.add(DAY + timedelta(hours=3))

    output = run_tap(store.config())

    assert ids(output.records(STREAM)) == store.wanted()


@pytest.mark.parametrize("cap", [20, 33])
def test_a_server_that_cuts_its_pages_short(httpserver: HTTPServer, cap: int) -> None:
    """The rest of a burst is hidden behind what looks like a last page."""
    store = Store(httpserver, cap=cap)
    for number in range(cap + 10):
        store.add(DAY + timedelta(hours=3))
        store.add(DAY - timedelta(hours=number))

    with pytest.raises(RunError, match=f"{cap} records share the time"):
        run_tap(store.config())


@pytest.mark.parametrize("count", [49, 50, 100, 300])
def test_a_burst_that_changed_late(httpserver: HTTPServer, count: int) -> None:
    """The pass of changes shows older calls only if its larger pages are not filtered."""
    store, now = Store(httpserver), datetime.now(UTC)
    for _ in range(count):
        store.add(now - timedelta(days=5), now - timedelta(hours=1))
    store.add(now - timedelta(days=9))
    config = store.config() | {"start_date": (now - timedelta(days=10)).isoformat()}
    del config["end_date"]
    value = (now - timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    partition = {"context": {"account": "default"}, "replication_key_value": value}
    state = {"bookmarks": {STREAM: {"partitions": [partition]}}}

    output = run_tap(config | {"lookback_hours": 0}, state=state)

    found = ids(output.records(STREAM))
    assert {f"c{number}" for number in range(count)} <= found.keys()
    assert max(found.values()) == 1


def test_a_part_that_comes_later_renames_no_line(httpserver: HTTPServer) -> None:
    """A target would keep the old line beside the new one: the call would cost too much."""
    store = Store(httpserver)
    parts = [{"type": "transport", "cost": 1}, {"type": "model", "cost": 2}]
    store.add(DAY, cost=3, costs=parts)
    first = {line["line"]: line["amount"] for line in run_tap(store.config()).records("call_costs")}
    late = [{"type": "transcriber", "cost": 4}, {"type": "analysis", "cost": 1}]
    store.stored[0][2].update(cost=8, costs=[*late, *parts])

    then = {line["line"]: line["amount"] for line in run_tap(store.config()).records("call_costs")}

    assert sum(Decimal(amount) for amount in (first | then).values()) == 8


def test_parts_of_a_cost_without_a_total(httpserver: HTTPServer) -> None:
    """Catches amounts that no common stream shows, or that have no currency in `calls`."""
    store = Store(httpserver)
    store.add(DAY, costBreakdown={"llm": 0.5}, costs=[{"type": "model", "cost": 0.5}])

    output = run_tap(store.config())

    (call,), (line,) = output.records("calls"), output.records("call_costs")
    assert (call["cost"], call["cost_llm"], call["currency"]) == (None, Decimal("0.5"), "USD")
    assert (line["component"], line["amount"]) == ("llm", Decimal("0.5"))


def test_what_a_call_tells_in_odd_places(httpserver: HTTPServer) -> None:
    """Older and rarer forms of a call, as the OpenAPI document allows them."""
    store = Store(httpserver)
    sides = {"mono": {"customerUrl": "https://f.example/c", "assistantUrl": "https://f.example/a"}}
    store.add(
        DAY,
        type="webCall",
        assistant={"name": "Anna"},
        artifact={"recording": sides, "messages": [{"role": "bot", "message": ""}]},
        transport={"provider": "daily", "callUrl": f"https://room.example/{PLANTED}"},
    )
    store.add(
        DAY,
        type="inboundPhoneCall",
        phoneNumber={"number": None, "sipUri": "sip:shop@sip.vapi.example"},
        transport={"provider": "vonage", "conversationUUID": "CON-1", "callUUID": "leg-1"},
        artifact={"transcript": "AI: Hello"},
    )
    store.add(DAY, type="inboundPhoneCall", transport={"provider": "vapi.sip", "callSid": "x"})
    function = {"name": {"a": 1}, "arguments": {}}
    asked = {"role": "tool_calls", "toolCalls": [{"function": function}]}
    store.add(DAY, artifact={"messages": [asked]})

    output = run_tap(store.config())

    web, vonage, sip, tool = sorted(output.records("calls"), key=lambda call: call["call_id"])
    assert (web["agent_name"], web["has_recording"], web["has_transcript"]) == ("Anna", True, False)
    recorded = {row["recording"] for row in output.records("call_recordings")}
    assert recorded == {"customer", "assistant"}
    assert (vonage["carrier"], vonage["carrier_call_id"]) == ("vonage", "leg-1")
    assert (vonage["to_number"], vonage["has_transcript"]) == ("sip:shop@sip.vapi.example", True)
    assert (sip["channel"], tool["turns"]) == ("sip", 1)
    assert PLANTED not in json.dumps(output.messages, default=str)
