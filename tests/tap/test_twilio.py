"""Twilio's calls: a filter by whole days, links between pages, legs, and calls never dialed."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from support import START, configuration, run_tap, simulator
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator

STREAM = "twilio_calls"
ALLOWED = {"StartTime>", "StartTime<", "Status", "PageSize", "PageToken"}
TOKEN, BEARER = {"auth_token": "t"}, {"bearer_token": "KEY"}
ADDRESS = "/Accounts/AC1/Calls.json"


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator() as made:
        yield made


def sids(records: list[dict[str, Any]]) -> list[str]:
    """Return the ids of calls."""
    return [str(record["sid"]) for record in records]


@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize("includes", [True, False])
def test_each_call_comes_once_in_either_form_of_the_filter(
    served: Simulator, *, shows: bool, includes: bool
) -> None:
    """What the filter shows, and where it ends, is documented in two ways."""
    served.options["twilio_lists_undialed"] = shows
    served.options["twilio_end_includes_day"] = includes
    served.page_sizes["twilio"] = 7
    for midnight in (START + timedelta(days=1), START + timedelta(days=2)):
        served.world.add("twilio", start=midnight)
    config = configuration(served, "twilio")

    output = run_tap(config)

    written = sids(output.records(STREAM))
    assert Counter(written) == Counter(sids(served.records(STREAM)))
    undialed = [r for r in output.records(STREAM) if r["start_time"] is None]
    assert undialed
    assert {r["status"] for r in undialed} <= {"canceled", "failed"}
    names = {name for request in served.requests for name, _ in request.query}
    assert names <= ALLOWED
    again = run_tap(config, state=output.state)
    assert Counter(sids(again.records(STREAM))).most_common(1)[0][1] == 1


def test_a_busy_day_is_read_whole() -> None:
    """A day cannot be divided, however many calls it has."""
    with simulator(calls_per_day=20_000, end=START + timedelta(days=1)) as served:
        served.options["twilio_lists_undialed"] = True
        config = configuration(served, "twilio")

        output = run_tap(config)

        written = sids(output.records(STREAM))
        truth = sids(served.records(STREAM))
    assert len(truth) > 19_000
    assert len(written) == len(set(written)) == len(truth)
    assert set(written) == set(truth)


def test_legs_and_costs(served: Simulator) -> None:
    """A price is negative; a forwarded call has two rows, of which one names the other."""
    served.options["twilio_legs"] = True
    output = run_tap(configuration(served, "twilio"))

    calls = {call["call_id"]: call for call in output.records("calls")}
    lines = {line["call_id"]: line for line in output.records("call_costs")}
    records = {record["sid"]: record for record in output.records(STREAM)}
    priced = {sid for sid, record in records.items() if record["price"] is not None}
    assert lines.keys() == priced
    for sid in priced:
        assert calls[sid]["cost"] == lines[sid]["amount"] == -records[sid]["price"] >= 0
    assert any(calls[sid]["cost"] for sid in priced)
    legs = [call for call in calls.values() if call["parent_call_id"]]
    assert legs
    assert {call["parent_call_id"] for call in legs} <= calls.keys()
    assert {call["direction"] for call in legs} == {"outbound"}
    assert {call["channel"] for call in calls.values()} == {"phone", "web"}
    assert {call["answered_by"] for call in calls.values()} == {"human", "machine", "unknown"}


class Server:
    """A server of one page of calls."""

    def __init__(self, server: HTTPServer, path: str = ADDRESS, **body: Any) -> None:  # noqa: ANN401 - JSON
        self.server, self.asked = server, list[Request]()
        self.refused, self.refused_with = set[str](), 400
        self.pages: list[dict[str, Any]] = []
        self.body = {"calls": [], "next_page_uri": None} | body
        server.expect_request(path).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        """Answer with the page."""
        self.asked.append(request)
        if not self.refused.isdisjoint({"all", request.args.get("Status")}):
            body = {"code": 20001, "message": "Parameter 'Status' is not valid", "status": 400}
            return Response(json.dumps(body), self.refused_with, content_type="application/json")
        body = self.pages.pop(0) if self.pages else self.body
        return Response(json.dumps(body), content_type="application/json")

    def config(self, **own: str) -> dict[str, Any]:
        """Return a configuration for one day."""
        base = self.server.url_for("").rstrip("/")
        return {
            "start_date": "2026-01-05T00:00:00Z",
            "end_date": "2026-01-06T00:00:00Z",
            "twilio": {"account_sid": "AC1", "base_url": base} | own,
        }


@pytest.mark.parametrize(
    ("keys", "header"),
    [
        (TOKEN, f"Basic {b64encode(b'AC1:t').decode()}"),
        (
            {"api_key_sid": "SK1", "api_key_secret": "s"},
            f"Basic {b64encode(b'SK1:s').decode()}",
        ),
        (BEARER, "Bearer KEY"),
    ],
)
def test_each_kind_of_key(httpserver: HTTPServer, keys: dict[str, str], header: str) -> None:
    """An account may give a token, an API key, or be one of another provider."""
    server = Server(httpserver)

    run_tap(server.config(**keys))

    assert {request.headers["Authorization"] for request in server.asked} == {header}
    asked, *by_status = server.asked
    assert [request.args["Status"] for request in by_status] == ["queued", "canceled", "failed"]
    others = {"StartTime_gt": "2026-01-04", "StartTime_lt": "2026-01-06"} if keys == BEARER else {}
    assert dict(asked.args) == {
        "StartTime>": "2026-01-05",
        "StartTime<": "2026-01-06",
        "PageSize": "1000",
        **others,
    }


def test_an_error_names_the_keys_that_were_sent(httpserver: HTTPServer) -> None:
    """Catches an account with its own API key whose user is told to check the shared token."""
    server = Server(httpserver)
    server.refused, server.refused_with = {"all"}, 401

    with pytest.raises(RunError) as error:
        run_tap(server.config(**TOKEN, api_key_sid="SK1", api_key_secret="s"))  # noqa: S106 - made up

    assert server.asked[0].headers["Authorization"] == f"Basic {b64encode(b'SK1:s').decode()}"
    assert "`twilio.api_key_sid` and `twilio.api_key_secret`" in error.value.failures[0]
    assert "auth_token" not in error.value.failures[0]


def test_a_page_below_another_path(httpserver: HTTPServer) -> None:
    """SignalWire names the next page by a path from its host, not from `base_url`."""
    base = "/api/laml/2010-04-01"
    following = f"{base}/Accounts/AC1/Calls.json?PageSize=1000&Page=1&PageToken=PACA1"
    first = Server(httpserver, f"{base}{ADDRESS}")
    call = {"sid": "CA1", "start_time": "Mon, 05 Jan 2026 10:00:00 +0000", "status": "completed"}
    first.pages = [
        {"calls": [call], "next_page_uri": following},
        {"calls": [call | {"sid": "CA2"}]},
    ]
    config = first.config(**TOKEN)
    config["twilio"]["base_url"] += base

    output = run_tap(config)

    assert sids(output.records(STREAM)) == ["CA1", "CA2"]
    assert first.asked[1].args["PageToken"] == "PACA1"


def test_the_form_of_another_provider(httpserver: HTTPServer) -> None:
    """Telnyx's TeXML calls have another path."""
    server = Server(httpserver, "/v2/texml/Accounts/AC1/Calls")
    config = server.config(**BEARER, calls_path="/Accounts/{account_sid}/Calls")
    config["twilio"]["base_url"] += "/v2/texml"

    run_tap(config)

    assert server.asked


@pytest.mark.parametrize(
    "own", [{}, {"api_key_sid": "SK1"}, {"account_sid": None, "auth_token": "t"}]
)
def test_missing_keys_are_one_line(httpserver: HTTPServer, own: dict[str, Any]) -> None:
    """The line names each set of keys that is enough."""
    config = Server(httpserver).config()
    config["twilio"] |= own

    with pytest.raises(ConfigValidationError) as error:
        run_tap(config)

    (line,) = error.value.errors
    assert line == (
        "`twilio` needs `twilio.account_sid` and `twilio.auth_token`, or `twilio.account_sid` and "
        "`twilio.api_key_sid` and `twilio.api_key_secret`, or `twilio.account_sid` and "
        "`twilio.bearer_token`"
    )


def test_a_link_elsewhere_gets_no_key(httpserver: HTTPServer) -> None:
    """A list must not send the account's token to another server."""
    server = Server(httpserver, next_page_uri="https://evil.example/Calls.json?Page=1")

    with pytest.raises(RunError, match="another origin"):
        run_tap(server.config(**TOKEN))


def test_a_filter_that_is_ignored_is_an_error(httpserver: HTTPServer) -> None:
    """Wrong names of filters are ignored in silence, and everything comes."""
    calls = [
        {"sid": f"CA{n}", "start_time": "Fri, 01 Aug 2025 10:00:00 +0000", "status": "completed"}
        for n in range(50)
    ]
    server = Server(httpserver, calls=calls)

    with pytest.raises(RunError, match="ignores the time filter"):
        run_tap(server.config(**TOKEN))


@pytest.mark.parametrize(("code", "fails"), [(400, False), (403, True)])
def test_a_list_by_status_that_is_refused(
    httpserver: HTTPServer, code: int, *, fails: bool
) -> None:
    """An API without a status is read; an error that hides calls for good leaves the bookmark."""
    server = Server(httpserver)
    server.refused, server.refused_with = {"queued"}, code

    if not fails:
        run_tap(server.config(**TOKEN))
        assert [request.args.get("Status") for request in server.asked][-1] == "failed"
        return
    with pytest.raises(RunError, match="20001"):
        run_tap(server.config(**TOKEN))
