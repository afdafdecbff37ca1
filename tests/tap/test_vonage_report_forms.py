"""Reports in another form, reports of other calls than requested, and files that are too large."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from properties.warehouse import Warehouse
from scripted_vonage import KEY, STREAM, serve_report, settings, zipped
from support import START, configuration, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

    from tap_voicecalls.simulator import Simulator

NOW = datetime(2026, 3, 31, 13, 5, 22, tzinfo=UTC)
FROM, TO = datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 2, 6, tzinfo=UTC)
TABLE = b"id,date_start,to\r\nv-1,2026-02-03T10:00:00+0000,12025550101\r\n"
ASKED = {
    "product": "VOICE-CALL",
    "account_id": KEY,
    "date_start": "2026-02-03T00:00:00+0000",
    "date_end": "2026-02-06T00:00:00+0000",
    "include_subaccounts": False,
}
WEEK = START + timedelta(days=7)


def run(server: HTTPServer) -> tuple[Warehouse, list[str]]:
    """Read three days by report; return what landed, and what failed."""
    warehouse = Warehouse()
    config = settings(server, FROM, mode="async") | {"end_date": TO.isoformat()}
    return warehouse, warehouse.run(config, NOW).failures


def ids(warehouse: Warehouse) -> list[str]:
    """Return the ids that landed, sorted."""
    return sorted(str(key[-1]) for key in warehouse.rows[STREAM])


@pytest.fixture
def other() -> Iterator[Simulator]:
    """A simulator of a week that tells of reports in the other form."""
    with simulator(end=WEEK, calls_per_day=4, now=WEEK + timedelta(days=3)) as made:
        made.options |= {"vonage_report_other_form": True, "vonage_report_list_page": 1}
        yield made


def by_report(served: Simulator) -> dict[str, Any]:
    """Return a configuration that needs two reports."""
    config = configuration(served, "vonage", end_date=WEEK.isoformat())
    config["vonage"] |= {"mode": "async", "products": ["VOICE-CALL", "VOICE-TTS"]}
    return config


def test_reports_in_the_other_form_are_read_and_reused(other: Simulator) -> None:
    """`status` and `download_url` serve as well, and the next run finds such a report again."""
    known = sorted(
        str(each["id"]) for each in other.records(STREAM, products=["VOICE-CALL", "VOICE-TTS"])
    )
    for _ in range(2):
        warehouse = Warehouse()
        done = warehouse.run(by_report(other), WEEK + timedelta(days=3))
        assert done.failures == []
        assert ids(warehouse) == known

    assert len([each for each in other.requests if each.method == "POST"]) == 2


def test_the_other_forms_file_is_not_fetched_from_a_stranger(other: Simulator) -> None:
    """A `download_url` on another origin must not get the keys."""
    other.options["vonage_report_link_away"] = True

    (line,) = Warehouse().run(by_report(other), WEEK + timedelta(days=3)).failures

    assert "another origin" in line
    assert other.foreign_requests == []


@pytest.mark.parametrize(
    "fields",
    [
        ASKED | {"items_count": 1},
        ASKED | {"items_count": "1"},
        ASKED | {"date_start": "2026-02-03T01:00:00.999+01:00"},
        ASKED | {"product": "sip"},
        {},
        {"request_status": "Success"},
        {"request_status": None, "status": "SUCCESS", "request_params": ASKED},
    ],
)
def test_a_report_that_does_not_contradict_the_request_is_read(
    httpserver: HTTPServer, fields: dict[str, object]
) -> None:
    """Another wording of the same report, or one that tells little, is no other report."""
    serve_report(httpserver, zipped(TABLE), **fields)

    warehouse, failures = run(httpserver)

    assert failures == []
    assert ids(warehouse) == ["v-1"]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"account_id": "dcba4321"}, "another account"),
        ({"include_subaccounts": True}, "another account"),
        ({"product": "VOICE-TTS"}, "another product"),
        ({"product": "SMS"}, "another product"),
        ({"date_start": "2026-02-02T00:00:00+0000"}, "another range"),
        ({"date_end": "2026-02-06T00:00:01+0000"}, "another range"),
        ({"request_params": {"account_id": "dcba4321"}}, "another account"),
    ],
)
@pytest.mark.parametrize("status", ["SUCCESS", "PENDING"])
def test_a_report_of_something_else_is_not_read(
    httpserver: HTTPServer, fields: dict[str, object], what: str, status: str
) -> None:
    """Calls of another account or day would land under this one's name."""
    own = ({} if "request_params" in fields else ASKED) | fields
    asked = serve_report(httpserver, zipped(TABLE), request_status=status, **own)

    warehouse, failures = run(httpserver)

    (line,) = failures
    assert f"response describes a report of {what} than requested" in line
    assert "dcba4321" not in line
    assert ids(warehouse) == []
    assert not any("media" in each for each in asked)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.replace(b",", b";"), "no column `id` or `call_id`; it seems to be delimited by sem"),
        (TABLE.replace(b",", b"\t"), "no column `id` or `call_id`; it seems to be delimited by ta"),
        (b"name,city\r\nAda,London\r\n", "no column `id` or `call_id`"),
        (b"id,to\r\nv-1,12025550101\r\n", "no column `date_start` or `start_time`"),
        (b"", "Vonage reports 1 records in the report of VOICE-CALL"),
        (b"id,date_start\r\n", "but its file has 0"),
        (TABLE + TABLE.splitlines()[1], "but its file has 2"),
        (b"<html><body>Down</body></html>", "no column `id` or `call_id`"),
    ],
)
def test_a_table_of_something_else_is_refused(
    httpserver: HTTPServer, table: bytes, message: str
) -> None:
    """Rows of nothing, or none, must not pass for the calls of three days."""
    serve_report(httpserver, zipped(table), items_count=1)

    warehouse, failures = run(httpserver)

    (line,) = failures
    assert message in line
    assert not any(word in line for word in ("London", "12025550101", "Down"))
    assert ids(warehouse) == []
    assert warehouse.bookmark(STREAM) is None


def test_nul_in_a_report_is_replaced(httpserver: HTTPServer) -> None:
    """A NUL byte that gets through stops a load into PostgreSQL."""
    table = TABLE.replace(b"12025550101", b'"a\x00b"')
    serve_report(httpserver, zipped(b"\xef\xbb\xbf" + table), items_count=1)

    warehouse, failures = run(httpserver)

    assert failures == []
    (row,) = warehouse.rows[STREAM].values()
    assert row["to"] == "a\ufffdb"


def test_a_file_that_is_too_large_is_downloaded_once(httpserver: HTTPServer) -> None:
    """An archive that unpacks to one endless field is one error, and is not fetched again."""
    bomb = zipped(TABLE + b"x" * (20 << 20))
    asked = serve_report(httpserver, bomb, items_count=1)
    assert len(bomb) < 100_000

    warehouse, failures = run(httpserver)

    (line,) = failures
    assert "the report's file has a line of more than 16777216 bytes" in line
    assert [each for each in asked if "media" in each] == ["GET /v3/media/f-1"]
    assert ids(warehouse) == []
