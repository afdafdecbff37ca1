"""A request for a report whose answer is lost: what it made is found, and paid for once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from properties.warehouse import Warehouse
from support import START, configuration, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Request, Simulator

STREAM = "vonage_voice_reports"
WEEK = START + timedelta(days=7)
NOW = START + timedelta(days=30)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator of a week, whose reports are ready at once."""
    with simulator(end=WEEK, calls_per_day=4, now=NOW) as made:
        made.options |= {"vonage_report_polls": 0, "retry_after_seconds": 0.01}
        yield made


def by_report(served: Simulator, **own: Any) -> dict[str, Any]:  # noqa: ANN401 - settings
    """Return a configuration that needs one report."""
    config = configuration(served, "vonage", end_date=WEEK.isoformat())
    config["vonage"] |= {"mode": "async", "products": ["VOICE-CALL"]}
    return config | own


def posts(served: Simulator) -> list[Request]:
    """Return the requests for a report."""
    return [each for each in served.requests if each.method == "POST"]


def looks_into_the_list(served: Simulator) -> list[Request]:
    """Return the requests for the list."""
    path = "/vonage/v2/reports"
    return [each for each in served.requests if each.method == "GET" and each.path == path]


def ids(warehouse: Warehouse) -> list[str]:
    """Return the ids that landed, sorted."""
    return sorted(str(key[-1]) for key in warehouse.rows[STREAM])


def known(served: Simulator) -> list[str]:
    """Return the ids that there are, sorted."""
    return sorted(str(each["id"]) for each in served.records(STREAM, products=["VOICE-CALL"]))


@pytest.mark.parametrize("kind", ["reset", "close", "cut", "stall", "500", "502", "504"])
def test_a_report_with_a_lost_response_is_requested_once(served: Simulator, kind: str) -> None:
    """A blind second request would make a second report, and each record would be charged twice."""
    served.options |= {"vonage_lose_answers": [kind], "stall_seconds": 3}
    warehouse = Warehouse()

    done = warehouse.run(by_report(served, read_timeout=1), NOW)

    assert done.failures == []
    assert ids(warehouse) == known(served)
    assert len(posts(served)) == 1
    assert len(looks_into_the_list(served)) == 2


def test_a_report_is_found_on_any_page_of_the_list(served: Simulator) -> None:
    """The list of a busy account has pages, and the report may be on the last of them."""
    for days in (1, 2, 3):  # of another range, so that none of them serves
        end = (START + timedelta(days=days)).isoformat()
        Warehouse().run(by_report(served, end_date=end), NOW)
    made = len(posts(served))
    served.options |= {"vonage_lose_answers": ["reset"], "vonage_report_list_page": 1}
    warehouse = Warehouse()

    assert warehouse.run(by_report(served), NOW).failures == []

    assert ids(warehouse) == known(served)
    assert len(posts(served)) == made + 1


def test_a_request_that_created_no_report_is_sent_again(served: Simulator) -> None:
    """A connection that broke before the server saw the request must not end the stream."""
    served.script("vonage", "ok", "reset")
    warehouse = Warehouse()

    assert warehouse.run(by_report(served), NOW).failures == []

    assert ids(warehouse) == known(served)
    assert len(posts(served)) == 2
    # Once at the start, and twice before asking again: the list may be late.
    assert len(looks_into_the_list(served)) == 3


def test_requests_are_bounded(served: Simulator) -> None:
    """A server that answers none of them may have made a report for each, unseen."""
    served.on_request(
        lambda request: served.script("vonage", "502") if request.method == "POST" else None
    )
    warehouse = Warehouse()

    (line,) = warehouse.run(by_report(served), NOW).failures

    assert "502 Bad Gateway" in line
    assert "requested 4 times, and the list of reports does not have it" in line
    assert len(posts(served)) == 4


def test_without_the_list_no_report_is_requested_again(served: Simulator) -> None:
    """Without the list it is unknown whether there is a report; the next run looks for it."""
    served.options["vonage_lose_answers"] = ["close"]

    def fail(request: Request) -> None:
        if posts(served) and request.method == "GET":
            served.script("vonage", "500")

    stop = served.on_request(fail)
    warehouse, config = Warehouse(), by_report(served, max_tries=2)

    (line,) = warehouse.run(config, NOW).failures
    assert "the list of reports cannot be read either, so the report is not requested again" in line
    assert "500 Internal Server Error" in line
    assert len(posts(served)) == 1

    stop()
    assert warehouse.run(config, NOW).failures == []
    assert ids(warehouse) == known(served)
    assert len(posts(served)) == 1


def test_an_older_report_is_not_mistaken_for_the_lost_one(served: Simulator) -> None:
    """One that failed an earlier run is of the same range, and has no file."""
    served.options["vonage_report_outcomes"] = ["FAILED"] * 3
    warehouse = Warehouse()
    (line,) = warehouse.run(by_report(served), NOW).failures
    assert "failed, the last of 3" in line
    served.options["vonage_lose_answers"] = ["502"]

    assert warehouse.run(by_report(served), NOW).failures == []

    assert ids(warehouse) == known(served)
    assert len(posts(served)) == 4


def test_earlier_reports_are_reused_from_any_page(served: Simulator) -> None:
    """A later run that reads one page of the list alone would pay for its reports again."""
    products = ["VOICE-CALL", "VOICE-TTS", "IN-APP-VOICE"]
    config = by_report(served)
    config["vonage"] |= {"products": products}
    Warehouse().run(config, NOW)
    assert len(posts(served)) == 3
    served.options["vonage_report_list_page"] = 1

    assert Warehouse().run(config, NOW).failures == []

    assert len(posts(served)) == 3
