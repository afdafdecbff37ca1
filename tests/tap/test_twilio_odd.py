"""Twilio's form of lists as an enemy, or another server of that form, may send it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from support import Output, run_tap
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer

STREAM = "twilio_calls"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
START = datetime(2026, 1, 5, tzinfo=UTC)
PATH = "/Accounts/AC1/Calls.json"


def json_answer(body: object, status: int = 200, **headers: str) -> Response:
    """Return a response."""
    return Response(json.dumps(body), status, content_type="application/json", headers=headers)


class Server:
    """A server of calls: whole days of the start, a status, pages, newest first."""

    def __init__(self, server: HTTPServer, path: str = PATH) -> None:
        self.server, self.path = server, path
        self.calls: list[dict[str, Any]] = []
        self.asked: list[Request] = []
        self.page = 1000
        self.suffixes = (">", "<")  # of the names of the filter
        self.after_excludes_day = False
        self.hook: Callable[[Request], Response | None] = lambda _: None
        self.link: Callable[[str], Any] = lambda query: f"{self.path}?{query}"
        server.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    def add(self, sid: str, at: datetime | str | None, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Add a call that started at a time."""
        written = format_datetime(at) if isinstance(at, datetime) else at
        own = {"sid": sid, "status": "completed", "start_time": written, "date_created": written}
        self.calls.append(own | {"end_time": written, "from": "+12125550100"} | fields)

    def answer(self, request: Request) -> Response:
        """Answer with a page."""
        self.asked.append(request)
        if (odd := self.hook(request)) is not None:
            return odd
        if request.path != self.path:
            return json_answer({"code": 20404, "message": "Not found", "status": 404}, 404)
        found = sorted(filter(self._matches(request), self.calls), key=_time, reverse=True)
        at = int(request.args.get("PageToken", request.args.get("Page", 0)))
        link = None
        if len(found) > at + self.page:
            query = {**request.args.to_dict(), "PageToken": str(at + self.page)}
            query.pop("Page", None)
            link = self.link(urlencode(query))
        return json_answer({"calls": found[at : at + self.page], "next_page_uri": link})

    def _matches(self, request: Request) -> Callable[[dict[str, Any]], bool]:
        status = request.args.get("Status")
        after, before = (request.args.get(f"StartTime{sign}") for sign in self.suffixes)

        def matches(call: dict[str, Any]) -> bool:
            day = _time(call).date().isoformat() if call["start_time"] else None
            if status is not None and status != call["status"]:
                return False
            if after and (not day or (day <= after if self.after_excludes_day else day < after)):
                return False
            return not before or bool(day and day < before)

        return matches

    def run(self, state: dict[str, Any] | None = None, **more: Any) -> Output:  # noqa: ANN401 - settings
        """Read some days."""
        own = {"account_sid": "AC1", "auth_token": "t", "base_url": self.server.url_for("")}
        own |= more.pop("own", {})
        config: dict[str, Any] = {"start_date": "2026-01-05", "end_date": "2026-01-08"} | more
        return run_tap({**config, "twilio": own}, state=state)


def _time(call: dict[str, Any]) -> datetime:
    text = call["start_time"] or call["date_created"]
    return parsedate_to_datetime(text).astimezone(UTC) if text else datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    """A server without calls."""
    return Server(httpserver)


def sids(output: Output) -> Counter[str]:
    """Count the ids of calls."""
    return Counter(str(record["sid"]) for record in output.records(STREAM))


def failure(run: Callable[[], object]) -> str:
    """Return the one line of a run that fails."""
    with pytest.raises(RunError) as failed:
        run()
    (line,) = failed.value.failures
    return line


# Links between pages


@pytest.mark.parametrize(
    "link", [f"{PATH}?QUERY", "?QUERY", "Calls.json?QUERY", "/Accounts/AC1/Calls.json?QUERY#here"]
)
def test_each_form_of_a_relative_link(server: Server, link: str) -> None:
    """A link may be relative to the host, or to the list."""
    server.page, server.link = 2, lambda query: link.replace("QUERY", query)
    for number in range(5):
        server.add(f"CA{number}", START + number * MINUTE)

    output = server.run()

    assert sids(output) == {f"CA{number}": 1 for number in range(5)}
    assert all(request.headers.get("Authorization") for request in server.asked)


def test_an_absolute_link_to_the_same_origin(server: Server) -> None:
    """Some servers name their host as well."""
    server.page = 2
    server.link = lambda query: server.server.url_for(f"{PATH}?{query}")
    for number in range(5):
        server.add(f"CA{number}", START + number * MINUTE)

    assert sids(server.run()) == {f"CA{number}": 1 for number in range(5)}


def by_position(query: str) -> str:
    """Return a link that names a position of the list, and no cursor."""
    return f"{PATH}?{query.replace('PageToken=', 'Page=')}"


def test_a_call_deleted_between_two_pages_hides_no_other(server: Server) -> None:
    """Catches a call that moves to a page that was read before, with no count to miss it."""
    server.page, server.link = 10, by_position
    for number in range(30):
        server.add(f"CA{number}", START + number * MINUTE)

    def delete(request: Request) -> None:
        if "Page" in request.args:
            server.calls[:] = [call for call in server.calls if call["sid"] != "CA25"]

    server.hook = delete

    assert sids(server.run()).keys() >= {f"CA{number}" for number in range(30) if number != 25}


def test_a_list_that_always_changes_is_an_error(server: Server) -> None:
    """Catches a list that is read without end, and an error that names a total of nothing."""
    server.page, server.link = 10, by_position
    for number in range(30):
        server.add(f"CA{number}", START + number * MINUTE)

    def call(request: Request) -> None:
        if "Page" in request.args:
            server.add(f"new{len(server.asked)}", START)

    server.hook = call

    assert "new records in each of 10 readings" in failure(server.run)


def test_a_busy_day_is_read_although_calls_keep_coming(server: Server) -> None:
    """Catches a list of today that is read again for each new call, until the run fails."""
    server.page, server.link = 10, by_position
    now = datetime.now(UTC)
    for number in range(30):
        server.add(f"CA{number}", now - number * timedelta(seconds=1))

    def call(request: Request) -> None:
        if "Page" in request.args:
            server.add(f"new{len(server.asked)}", datetime.now(UTC) + MINUTE)

    server.hook = call
    start = (now - MINUTE).isoformat()

    output = server.run(start_date=start, end_date=None)

    assert sids(output).keys() >= {f"CA{number}" for number in range(1, 30)}
    assert sum("Page" in request.args for request in server.asked) <= 8


@pytest.mark.parametrize(
    ("link", "line"),
    [
        ("https://evil.example/Calls.json", "another origin"),
        ("//evil.example/Calls.json", "another origin"),
        ("http://[", "cannot be parsed"),
        ("https://127.0.0.1:1/Calls.json", "another origin"),
        ("/Accounts/AC2/Calls.json?PageToken=1", "another account"),
        ("/Accounts/%41C2/Calls.json?PageToken=1", "another account"),
        ("/Accounts/AC1/../AC2/Calls.json?PageToken=1", "another account"),
        (7, "no text"),
        ({"uri": PATH}, "no text"),
    ],
)
def test_a_link_elsewhere_is_an_error(server: Server, link: object, line: str) -> None:
    """It would send the token to others, or write another account's calls as this one's."""
    server.page = 1
    server.link = lambda _: link
    server.add("CA1", START)
    server.add("CA2", START)

    shown = failure(server.run)

    assert line in shown
    assert "unexpected" not in shown
    assert {request.path for request in server.asked} == {PATH}


def test_links_in_a_circle_are_an_error(server: Server) -> None:
    """A, B, A: the list would never end."""
    server.page = 1
    for number in range(4):
        server.add(f"CA{number}", START + number * MINUTE)
    server.link = lambda query: f"{PATH}?{query}".replace("PageToken=3", "PageToken=1")

    assert "already used" in failure(server.run)


def test_new_links_to_known_calls_are_an_error(server: Server) -> None:
    """Each token is new, and no call is."""
    count = 0

    def answer(_: Request) -> Response:
        nonlocal count
        count += 1
        call = {"sid": "CA1", "start_time": format_datetime(START), "queue_time": str(count)}
        return json_answer({"calls": [call], "next_page_uri": f"{PATH}?PageToken={count}"})

    server.hook = answer

    assert "does not end" in failure(server.run)
    assert count < 500


def test_a_call_on_two_pages_comes_once_in_its_later_form(server: Server) -> None:
    """A new call pushes others to the next page."""
    server.page = 2
    for number in range(4):
        server.add(f"CA{number}", START + number * MINUTE)
    asked = 0

    def push(request: Request) -> Response | None:
        nonlocal asked
        asked += 1
        if "PageToken" in request.args and len(server.calls) == 4:
            server.calls[2]["price"] = "-0.5"
            server.add("CA9", START + HOUR)
        return None

    server.hook = push
    output = server.run()

    assert {sid: count for sid, count in sids(output).items() if sid != "CA9"} == {
        f"CA{number}": 1 for number in range(4)
    }


# The filter by days


def test_pages_smaller_than_asked(server: Server) -> None:
    """A server may cap its pages at 50."""
    server.page = 50
    for number in range(330):
        server.add(f"CA{number}", START + number * MINUTE * 10)

    assert len(sids(server.run())) == 330


@pytest.mark.parametrize("zone", ["+0000", "+0200", "-0800", "+0545", "GMT", "EST"])
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-03-07"])
def test_days_are_those_of_utc(server: Server, day: str, zone: str) -> None:
    """Around a change of the clock a day of another zone has 23 or 25 hours."""
    first = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    moments = [first + minutes * MINUTE for minutes in range(0, 3 * 24 * 60, 17)]
    offset = {"GMT": "+0000", "EST": "-0500"}.get(zone, zone)
    delta = timedelta(hours=int(offset[:3]), minutes=int(offset[0] + offset[3:]))
    for number, moment in enumerate(moments):
        local = (moment + delta).strftime("%a, %d %b %Y %H:%M:%S")
        server.add(f"CA{number}", f"{local} {zone}")

    output = server.run(start_date=first.isoformat(), end_date=(first + 3 * DAY).isoformat())

    assert sids(output) == {f"CA{number}": 1 for number in range(len(moments))}
    written = [record["started_at"] for record in output.records(STREAM)]
    assert written == [moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z") for moment in moments]


def test_a_start_date_within_a_day_of_another_zone(server: Server) -> None:
    """The first and the last day are cut."""
    for number in range(0, 72, 3):
        server.add(f"CA{number}", START + number * HOUR)

    output = server.run(
        start_date="2026-01-06T01:00:00+03:00", end_date="2026-01-06T20:00:00-05:00"
    )

    assert sids(output) == {f"CA{number}": 1 for number in range(24, 49, 3)}


@pytest.mark.parametrize("shown", ["Mon, 05 Jan 2026 10:00:00 +9999", "soon", "", 7, None])
def test_an_odd_start_does_not_stop_the_stream(server: Server, shown: Any) -> None:  # noqa: ANN401 - JSON
    """One record would stop it in each run."""
    server.add("CA1", START)
    body = {"sid": "CA2", "status": "completed", "start_time": shown}
    server.hook = lambda request: (
        None if "Status" in request.args else json_answer({"calls": [*server.calls, body]})
    )

    output = server.run(end_date="2026-01-06")

    assert sids(output) == {"CA1": 1, "CA2": 1}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_calls_of_a_server_that_ignores_the_filter(server: Server, count: int) -> None:
    """They are too few to tell, so they are read; each of them once and not once a day."""
    server.suffixes = ("!", "!")
    for number in range(count):
        server.add(f"CA{number}", START + number * DAY * 2)

    output = server.run(end_date="2026-01-09")

    assert set(sids(output)) >= {f"CA{number}" for number in range(count)}
    assert max(sids(output).values()) == 1
    assert max(Counter(c["call_id"] for c in output.records("calls")).values()) == 1


@pytest.mark.parametrize("excludes", [True, False])
@pytest.mark.parametrize("suffixes", [("_gt", "_lt"), (">", "<")])
def test_the_names_of_telnyx(
    httpserver: HTTPServer, suffixes: tuple[str, str], *, excludes: bool
) -> None:
    """Its SDKs name the filter StartTime_gt, and whether "after" excludes the day is not said."""
    server = Server(httpserver, "/v2/texml/Accounts/AC1/Calls")
    server.suffixes = suffixes
    server.after_excludes_day = excludes and suffixes[0] == "_gt"
    server.link = lambda query: f"{server.path}.json?{query}".replace(".json", "")
    server.page = 7
    for number in range(72):
        server.add(f"CA{number}", START + number * HOUR)
    own = {
        "auth_token": None,
        "bearer_token": "KEY",
        "base_url": httpserver.url_for("/v2/texml"),
        "calls_path": "/Accounts/{account_sid}/Calls",
    }

    output = server.run(own=own)

    assert sids(output) == {f"CA{number}": 1 for number in range(72)}
    names = {name for request in server.asked for name in request.args}
    assert {"StartTime_gt", "StartTime_lt"} <= names


def test_twilio_is_asked_by_its_own_names_only(server: Server) -> None:
    """Other names are ignored in silence."""
    server.run()

    names = {name for request in server.asked for name in request.args}
    assert names == {"StartTime>", "StartTime<", "PageSize", "Status"}


# Money


@pytest.mark.parametrize(
    ("price", "unit", "cost"),
    [
        ("-0.00750", "USD", Decimal("0.0075")),
        ("-0.0075", "usd", Decimal("0.0075")),
        (-0.0075, "USD", Decimal("0.0075")),
        ("0.0075", "USD", Decimal("0.0075")),
        ("0", "USD", Decimal(0)),
        ("-0", "USD", Decimal(0)),
        (None, "USD", None),
        ("", "USD", None),
        ("free", "USD", None),
        ([1], "USD", None),
        ("-12", "JPY", Decimal(12)),
    ],
)
def test_each_form_of_a_price(
    server: Server, price: object, unit: str, cost: Decimal | None
) -> None:
    """Twilio writes a cost as a negative text, others of its form as a positive one."""
    server.add("CA1", START, price=price, price_unit=unit)

    expected = [] if cost is None else [(cost, unit.upper())]

    output = server.run()

    (call,) = output.records("calls")
    assert call["cost"] == call["cost_telephony"] == cost
    assert str(call["cost"]) != "-0"
    lines = [(line["amount"], line["currency"]) for line in output.records("call_costs")]
    assert lines == expected


# Calls that were never dialed


def test_a_call_that_is_dialed_meanwhile_is_written_as_it_is(server: Server) -> None:
    """It was queued when it was listed by its status, and had a start in a later window."""
    created = format_datetime(START + 23 * HOUR)
    server.add("CA1", None, status="queued", date_created=created, end_time=None)

    def dial(request: Request) -> Response | None:
        if request.args.get("Status") == "canceled":
            dialed = format_datetime(START + DAY + HOUR)
            server.calls[0] |= {"status": "completed", "start_time": dialed, "end_time": dialed}
        return None

    server.hook = dial
    output = server.run(concurrency=1)

    last = output.records(STREAM)[-1]
    assert (last["sid"], last["status"]) == ("CA1", "completed")


def test_a_call_that_is_dialed_on_the_same_day_is_written_once(server: Server) -> None:
    """The older form must not replace the newer one."""
    created = format_datetime(START + DAY + HOUR)
    server.add("CA1", None, status="queued", date_created=created, end_time=None)

    def dial(request: Request) -> Response | None:
        if request.args.get("Status") == "canceled":
            server.calls[0] |= {"status": "in-progress", "start_time": created}
        return None

    server.hook = dial
    output = server.run(concurrency=1)

    assert [(r["sid"], r["status"]) for r in output.records(STREAM)] == [("CA1", "in-progress")]


def test_an_odd_record_does_not_hide_those_after_it(server: Server) -> None:
    """One record without a time, or of another year, looked like the end of the days."""
    server.page = 2
    for number in range(6):
        created = format_datetime(START + 60 * HOUR - number * HOUR)
        server.add(f"CA{number}", None, status="failed", date_created=created)
    pages = [[0], [1], [2, 3], [4, 5]]
    odd = {
        0: {"sid": "CAx", "status": "failed"},
        1: {"sid": "CAy", "status": "failed", "date_created": "Mon, 01 Jan 2018 00:00:00 +0000"},
    }

    def answer(request: Request) -> Response | None:
        if request.args.get("Status") != "failed":
            return None
        at = int(request.args.get("PageToken", 0))
        calls = [server.calls[number] for number in pages[at]]
        calls = [odd[at], *calls] if at in odd else calls
        link = f"{PATH}?Status=failed&PageToken={at + 1}" if at < 3 else None
        return json_answer({"calls": calls, "next_page_uri": link})

    server.hook = answer

    assert set(sids(server.run())) >= {f"CA{number}" for number in range(6)}


def test_a_call_without_any_time_is_found_by_its_status(server: Server) -> None:
    """It is in no day, and no run would find it."""
    now = datetime.now(UTC)
    server.add("CA1", None, status="canceled", end_time=None)
    server.add("CA2", now - HOUR)

    output = server.run(start_date=(now - DAY).isoformat(), end_date=None)

    assert sids(output) == {"CA1": 1, "CA2": 1}


# Two runs, accounts, errors


def test_a_call_that_changes_between_two_runs(server: Server) -> None:
    """Queued, dialed, ended and priced: each run has what is known by then."""
    now = datetime.now(UTC).replace(microsecond=0)
    created = now - 30 * HOUR
    server.add("CA1", None, status="queued", date_created=format_datetime(created), end_time=None)
    server.calls.append(server.calls[0] | {"sid": "CA2", "parent_call_sid": "CA1"})
    since = (now - 3 * DAY).isoformat()
    bounds: dict[str, Any] = {"start_date": since, "end_date": None, "lookback_hours": 1}

    first = server.run(**bounds)
    for call in server.calls:
        call |= {"status": "in-progress", "start_time": format_datetime(created + HOUR)}
    second = server.run(first.state, **bounds)
    for call in server.calls:
        call |= {"status": "completed", "end_time": format_datetime(now - 2 * MINUTE)}
    third = server.run(second.state, **bounds)
    for call in server.calls:
        call["price"] = "-0.1"
    fourth = server.run(third.state, **bounds)

    runs = [first, second, third, fourth]
    assert [sids(run) for run in runs] == [{"CA1": 1, "CA2": 1}] * 4
    told = [{(c["status"], c["cost"]) for c in run.records("calls")} for run in runs]
    assert told == [
        {("in_progress", None)},
        {("in_progress", None)},
        {("completed", None)},
        {("completed", Decimal("0.1"))},
    ]
    children = {c["call_id"]: c["parent_call_id"] for c in fourth.records("calls")}
    assert children == {"CA1": None, "CA2": "CA1"}


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 20005), (404, 20404)])
def test_an_account_that_is_closed_meanwhile(server: Server, status: int, code: int) -> None:
    """Days before are kept, the bookmark stays there, and another account is read."""
    for number in range(72):
        server.add(f"CA{number}", START + number * HOUR)

    def close(request: Request) -> Response | None:
        is_late = request.args.get("StartTime>", "") >= "2026-01-07"
        if is_late and request.authorization and request.authorization.username == "AC1":
            return json_answer({"code": code, "message": "Closed", "status": status}, status)
        return None

    server.hook = close
    accounts = [
        {"account": "one", "account_sid": "AC1", "auth_token": "t"},
        {"account": "two", "api_key_sid": "SK", "api_key_secret": "s", "account_sid": "AC1"},
    ]
    own = {"accounts": accounts, "base_url": server.server.url_for("")}
    config = {"start_date": "2026-01-05", "end_date": "2026-01-08", "concurrency": 1}

    line = failure(lambda: run_tap({**config, "twilio": own}))

    assert f"{status} " in line
    assert str(code) in line
    assert "account one" in line


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "1"}])
def test_too_many_at_once_is_asked_again(server: Server, headers: dict[str, str]) -> None:
    """The request was not processed; no pause is promised."""
    server.add("CA1", START)
    refused = 0

    def refuse(_: Request) -> Response | None:
        nonlocal refused
        refused += 1
        body = {"code": 20429, "message": "Too Many Requests", "status": 429}
        return json_answer(body, 429, **headers) if refused <= 2 else None

    server.hook = refuse

    assert sids(server.run()) == {"CA1": 1}
