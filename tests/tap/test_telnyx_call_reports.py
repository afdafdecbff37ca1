"""Telnyx's list of call reports, which is sorted, not filtered, and may report wrong totals."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support import END, START, Output, catalog_of, configuration, parsed, run_tap, simulator
from werkzeug import Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_httpserver import HTTPServer
    from werkzeug import Request

    from tap_voicecalls.simulator import Simulator

Record = dict[str, Any]
STREAM = "telnyx_call_reports"

pytestmark = pytest.mark.usefixtures("only_calls")


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator whose list has some twenty pages."""
    with simulator() as made:
        made.page_sizes["telnyx"] = 10
        yield made


def settings(served: Simulator, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    """Configure Telnyx alone, and the reports of it alone."""
    return configuration(served, "telnyx", **others)


def only(config: dict[str, Any]) -> dict[str, Any]:
    """Select the call reports."""
    return catalog_of(config, telnyx_detail_records=False, calls=False)


def keys(records: list[Record]) -> Counter[tuple[str, int]]:
    """Return what tells reports apart, each as often as it came."""
    return Counter((one["call_id"], one.get("segment") or 0) for one in records)


def read(
    served: Simulator, config: dict[str, Any], state: dict[str, Any] | None = None
) -> tuple[Output, list[dict[str, str]]]:
    """Run, and return what came and the pages that were asked for."""
    already = len(served.requests)
    output = run_tap(config, catalog=only(config), state=state)
    asked = [dict(request.query) for request in served.requests[already:]]
    return output, asked


def failure(config: dict[str, Any], capsys: pytest.CaptureFixture[bytes]) -> tuple[Output, str]:
    """Run the tap, which must fail; return what it wrote and the one failure."""
    with pytest.raises(RunError) as caught:
        TapVoiceCalls(config=config, catalog=only(config)).sync_all()
    (line,) = caught.value.failures
    return parsed(capsys.readouterr().out), line


def bookmark(output: Output) -> str:
    """Return the bookmark of the reports."""
    (partition,) = output.state["bookmarks"][STREAM]["partitions"]
    value: str = partition.get("replication_key_value", "")
    return value


@pytest.mark.parametrize("reported", [1, 0, -3, True, 10**9, None])
def test_the_reported_number_of_pages_does_not_end_the_list(
    served: Simulator, reported: object
) -> None:
    """A full page is followed by the next one, also if the list reports that it was the last."""
    served.options["telnyx_total_pages"] = reported
    truth = served.records(STREAM)

    output, _ = read(served, settings(served))

    assert keys(output.records(STREAM)) == keys(truth)
    assert len(truth) > 150


@pytest.mark.parametrize("reported", [1, 0, -3, None])
def test_bisection_does_not_depend_on_the_reported_number_of_pages(
    served: Simulator, reported: object
) -> None:
    """A daily run does not read the whole history because the list reports one page."""
    served.options["telnyx_total_pages"] = reported
    day = END - timedelta(days=1)
    first, _ = read(served, settings(served, end_date=day.isoformat(), lookback_hours=1))

    second, asked = read(served, settings(served, lookback_hours=1), first.state)

    wanted = {key for output in (first, second) for key in keys(output.records(STREAM))}
    assert wanted == set(keys(served.records(STREAM)))
    last_day = len(second.records(STREAM)) // 10
    assert len(asked) <= last_day + 14, "the history was read as well"


@pytest.mark.parametrize("cap", [60, 100, 130])
def test_a_list_that_shows_its_oldest_only_is_read_from_its_newest(
    served: Simulator, cap: int
) -> None:
    """A capped list ends long before the last report: those are there all the same."""
    day = END - timedelta(days=1)
    first, _ = read(served, settings(served, end_date=day.isoformat()))
    served.options["telnyx_cap"] = cap

    second, _ = read(served, settings(served, lookback_hours=1), first.state)

    both = keys([*first.records(STREAM), *second.records(STREAM)])
    assert set(both) == set(keys(served.records(STREAM)))
    stored = [one["stored_at"] for one in second.records(STREAM)]
    assert stored == sorted(stored)
    assert max(keys(second.records(STREAM)).values()) == 1
    assert bookmark(second) == "2026-01-09T00:00:00.000000Z"


def test_a_capped_list_is_completed_from_its_other_end(served: Simulator) -> None:
    """A first run reads the oldest half and then the newest, where both together are all."""
    served.options["telnyx_cap"] = len(served.records(STREAM)) * 2 // 3

    output, _ = read(served, settings(served))

    assert keys(output.records(STREAM)) == keys(served.records(STREAM))


def test_reports_hidden_by_a_capped_list_are_an_error(
    served: Simulator, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Reports that neither end of the list shows are not passed over by the bookmark."""
    served.options["telnyx_cap"] = 40
    truth: list[Record] = served.records(STREAM)

    output, line = failure(settings(served), capsysbinary)

    assert "hides those between" in line
    assert keys(output.records(STREAM)) == keys(truth[:40])
    assert bookmark(output) <= max(one.get("created_at", "") for one in truth[:41])


def test_a_daily_run_requests_one_page_more(served: Simulator) -> None:
    """The witness that nothing is hidden costs one request, not one a page."""
    _, asked = read(served, settings(served))

    assert Counter(one["sort"] for one in asked)["-created_at"] == 1


def test_reports_stored_during_the_run_are_not_mistaken_for_a_cap(served: Simulator) -> None:
    """A busy account stores reports between two requests: they are read, and nothing fails."""
    now = START + timedelta(days=2)
    served.now = now

    def arrive(_: object) -> None:
        served.now = (served.now or now) + timedelta(minutes=1)

    served.on_request(arrive)
    config = settings(served, end_date=(now + timedelta(days=1)).isoformat())

    output, _ = read(served, config)

    truth: list[Record] = served.records(STREAM)
    stored = [one for one in truth if one.get("created_at", "~") < now.isoformat()]
    assert set(keys(stored)) <= set(keys(output.records(STREAM)))


def report(number: int) -> Record:
    """Make a report."""
    at = (START + timedelta(minutes=number)).isoformat()
    return {"call_id": f"c-{number}", "segment": 0, "created_at": at, "stored_at": at}


def scripted(server: HTTPServer, answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a function
    """Serve pages by a function of the number and the order; return a configuration."""

    def respond(request: Request) -> Response:
        number = int(request.args["page[number]"])
        status, body = answer(number, newest=request.args["sort"].startswith("-"))
        return Response(json.dumps(body), status, content_type="application/json")

    server.expect_request("/voice_sdk_call_reports").respond_with_handler(respond)
    own = {"api_key": "k", "base_url": server.url_for("/").rstrip("/")}
    dates = {"start_date": START.isoformat(), "end_date": END.isoformat()}
    return {**dates, "max_tries": 1, "telnyx": own}


def test_a_total_that_is_text_is_ignored(httpserver: HTTPServer) -> None:
    """A list of 500 with `total_results` "500" and one page reported is read to its end."""
    made = [report(number) for number in range(500)]

    def answer(number: int, *, newest: bool) -> tuple[int, Any]:
        found = made[::-1] if newest else made
        meta = {"total_pages": 1, "total_results": "500", "page_size": 100}
        return 200, {"data": found[(number - 1) * 100 : number * 100], "meta": meta}

    config = scripted(httpserver, answer)

    assert len(run_tap(config, catalog=only(config)).records(STREAM)) == 500


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refused_deep_page_is_read_from_the_other_end(
    httpserver: HTTPServer, status: int
) -> None:
    """A server that refuses deep pages shows the rest from its other end."""
    made = [report(number) for number in range(500)]

    def answer(number: int, *, newest: bool) -> tuple[int, Any]:
        found = made[::-1] if newest else made
        meta = {"total_pages": 5, "total_results": 500, "page_size": 100}
        page = {"data": found[(number - 1) * 100 : number * 100], "meta": meta}
        return (200, page) if number <= 3 else (status, {"errors": []})

    config = scripted(httpserver, answer)

    records = run_tap(config, catalog=only(config)).records(STREAM)

    assert [one["call_id"] for one in records] == [one["call_id"] for one in made]


@pytest.mark.parametrize(
    ("numbers", "word"),
    [(lambda _: range(100), "repeated a page"), (lambda page: range(0, -100 * page, -1), "`sort`")],
    ids=["same page", "other order"],
)
def test_a_server_that_ignores_paging_or_order_is_an_error(
    httpserver: HTTPServer,
    capsysbinary: pytest.CaptureFixture[bytes],
    numbers: Callable[[int], range],
    word: str,
) -> None:
    """A list that ignores the page number or the order ends in one line, and soon."""

    def page(number: int, *, newest: bool) -> tuple[int, Any]:
        del newest
        made = [report(each) for each in numbers(number)]
        return 200, {"data": made, "meta": {"total_pages": 10**6}}

    _, line = failure(scripted(httpserver, page), capsysbinary)

    assert word in line
    assert len(httpserver.log) < 100
