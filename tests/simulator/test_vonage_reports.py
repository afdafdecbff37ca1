"""The simulated asynchronous reports of Vonage behave as documented."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import requests

if TYPE_CHECKING:
    from tap_voicecalls.simulator import Simulator

MONTH = {"date_start": "2026-04-01T00:00:00Z", "date_end": "2026-05-01T02:00:00+02:00"}
ANY = "PENDING,PROCESSING,SUCCESS,ABORTED,FAILED,TRUNCATED"


class Client:
    """A client of the simulated API with the right key.

    Args:
        session: The HTTP session.
        simulator: The simulator.
    """

    def __init__(self, session: requests.Session, simulator: Simulator) -> None:
        settings = simulator.configuration()["vonage"]
        self.account = str(settings["account_id"])
        self._base_url = str(settings["base_url"])
        self._session = session
        session.auth = (str(settings["api_key"]), str(settings["api_secret"]))

    def send(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send a request."""
        url = path if path.startswith("http") else f"{self._base_url}{path}"
        return self._session.request(method, url, timeout=10, **options)

    def ask(self, **changes: object) -> requests.Response:
        """Request a report; a field with the value None is omitted."""
        body = {"product": "VOICE-CALL", "account_id": self.account, **MONTH, **changes}
        fields = {name: value for name, value in body.items() if value is not None}
        return self.send("POST", "/v2/reports", json=fields)

    def poll(self, report: dict[str, Any]) -> dict[str, Any]:
        """Poll a report."""
        answer: dict[str, Any] = self.send("GET", report["_links"]["self"]["href"]).json()
        return answer

    def ready(self, **changes: object) -> dict[str, Any]:
        """Request a report, and poll it until it is finished."""
        report: dict[str, Any] = self.ask(**changes).json()
        for _ in range(5):
            report = self.poll(report)
        return report

    def listed(self, **changes: str) -> list[str]:
        """Return the ids of the listed reports."""
        params = {"account_id": self.account, "status": ANY, **changes}
        answer = self.send("GET", "/v2/reports", params=params).json()
        assert answer["items_count"] == len(answer["reports"])
        return [report["request_id"] for report in answer["reports"]]


@pytest.fixture
def client(session: requests.Session, simulator: Simulator) -> Client:
    """A client with the right key."""
    return Client(session, simulator)


def test_a_report_is_ready_after_some_polls(client: Client) -> None:
    """Before that it has neither a file nor a number of rows."""
    report = client.ask().json()
    seen = [report, client.poll(report), client.poll(report)]

    assert [each["request_status"] for each in seen] == ["PENDING", "PROCESSING", "SUCCESS"]
    assert ["items_count" in each for each in seen] == [False, False, True]
    assert ["download_report" in each["_links"] for each in seen] == [False, False, True]
    # Dates are returned in whole seconds, UTC, with an offset without a colon.
    assert report["date_start"] == "2026-04-01T00:00:00+0000"
    assert report["date_end"] == "2026-05-01T00:00:00+0000"
    assert report["receive_time"] == "2026-05-02T00:00:00+0000"
    assert report["include_subaccounts"] is False


@pytest.mark.parametrize(
    "product",
    ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL", "ASR"],
)
def test_a_file_has_the_same_records_as_the_pages(
    client: Client, simulator: Simulator, product: str
) -> None:
    """Both have the same calls, except for empty texts and nulls."""
    report = client.ready(product=product)
    answer = client.send("GET", report["_links"]["download_report"]["href"])

    archive = ZipFile(io.BytesIO(answer.content))
    (name,) = archive.namelist()
    rows = list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
    sent = simulator.records("vonage_voice_reports", products=[product])
    expected = [{name: value or "" for name, value in record.items()} for record in sent]
    assert sorted(rows, key=itemgetter("id")) == sorted(expected, key=itemgetter("id"))
    assert len(rows) == report["items_count"]
    assert name == f"report_{product}_{client.account}_20260502.csv"
    assert f'"{product}_{report["request_id"]}.zip"' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"product": None}, "product"),
        ({"product": "SIP"}, "product"),
        ({"account_id": None}, "account_id"),
        ({"date_start": "2026-04-01"}, "date_start"),
        ({"date_end": "2026-03-31T00:00:00Z"}, "date_end"),
        ({"date_start": "2025-03-01T00:00:00Z"}, "date_end"),
        ({"date_start": "2025-04-01T00:00:00Z"}, "date_start"),
        ({"date_start": "2026-04-01T00:00:00.000000Z"}, "date_start"),
        ({"date_end": "2026-05-02T00:00:00Z"}, "date_end"),
        ({"product": "VOICE-TTS", "direction": "inbound"}, "direction"),
        ({"include_subaccounts": "false"}, "include_subaccounts"),
        ({"id": "x", "date_start": None, "date_end": None}, "date_start"),
    ],
)
def test_a_wrong_field_is_named_in_a_422(
    client: Client, changes: dict[str, object], name: str
) -> None:
    """Undocumented reports are refused, so that the tap cannot depend on them."""
    answer = client.ask(**changes)

    assert answer.status_code == 422
    assert name in [each["name"] for each in answer.json()["invalid_parameters"]]


def test_a_report_of_thirteen_months_is_allowed(client: Client) -> None:
    """The limit is the retention, not the day of the pages."""
    assert client.ask(date_start="2025-04-02T00:00:00Z").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/v2/reports", {"data": b"{"}, 400),
        ("POST", "/v2/reports", {"json": []}, 400),
        ("POST", "/v2/reports", {"json": {"product": "ASR", "account_id": "another"}}, 403),
        ("GET", "/v2/reports", {}, 400),
        ("GET", "/v2/reports", {"params": {"account_id": "another", "status": "FAILED"}}, 403),
        ("GET", "/v2/reports", {"params": {"account_id": "a", "status": "READY"}}, 400),
        ("GET", "/v2/reports/nowhere", {}, 404),
        ("DELETE", "/v2/reports/nowhere", {}, 404),
        ("GET", "/v3/media/nowhere", {}, 404),
    ],
)
def test_other_errors_have_their_status(
    client: Client, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    """Each error is the documented one, in the API's own format."""
    answer = client.send(method, path, **options)

    assert answer.status_code == status
    assert {"type", "title", "detail", "instance"} <= answer.json().keys()


@pytest.mark.parametrize("path", ["/v2/reports", "/v2/reports/a", "/v3/media/a"])
def test_every_endpoint_requires_the_key(
    session: requests.Session, simulator: Simulator, path: str
) -> None:
    """A file also needs the key, not only its link."""
    base_url = simulator.configuration()["vonage"]["base_url"]

    assert session.get(f"{base_url}{path}", timeout=10).status_code == 401


def test_the_list_is_filtered(client: Client, simulator: Simulator) -> None:
    """Status and time filter the list."""
    ready = client.ready()["request_id"]
    assert simulator.now
    simulator.now += timedelta(hours=2)
    pending = client.ask().json()["request_id"]

    assert client.listed() == [ready, pending]
    assert client.listed(status="SUCCESS, FAILED") == [ready]
    assert client.listed(date_from="2026-05-02T01:00:00Z") == [pending]
    assert client.listed(date_to="2026-05-02T01:00:00Z") == [ready]


def test_files_and_reports_expire(client: Client, simulator: Simulator) -> None:
    """A file exists for 72 hours, a report for 4 days; after that both get 404."""
    report = client.ready()
    link, made = report["_links"]["download_report"]["href"], simulator.now
    assert made
    found = []
    for hours in (71.9, 72, 95.9, 96):
        simulator.now = made + timedelta(hours=hours)
        about = client.send("GET", report["_links"]["self"]["href"])
        found.append((client.send("GET", link).status_code, about.status_code))

    assert found == [(200, 200), (404, 200), (404, 200), (404, 404)]
    assert client.listed() == []


def test_a_report_can_be_cancelled_until_it_is_ready(client: Client) -> None:
    """A finished report stays as it is, and cancelling it gets 409."""
    path = f"/v2/reports/{client.ask().json()['request_id']}"

    assert client.send("DELETE", path).json()["request_status"] == "ABORTED"
    assert client.send("DELETE", path).status_code == 409
    assert client.send("GET", path).json()["request_status"] == "ABORTED"
    assert client.send("DELETE", f"/v2/reports/{client.ready()['request_id']}").status_code == 409


def test_a_report_has_the_calls_at_the_time_of_its_request(
    client: Client, simulator: Simulator
) -> None:
    """A call that appears later is not in an earlier report."""
    start = simulator.world.start + timedelta(hours=1)
    before = client.ask().json()
    simulator.world.add("vonage", start=start)
    after = client.ready()

    assert client.poll(client.poll(before))["request_id"] == before["request_id"]
    assert client.poll(before)["items_count"] == after["items_count"] - 1


def test_a_report_with_too_many_rows_is_truncated(client: Client, simulator: Simulator) -> None:
    """A truncated file has fewer rows than there are calls, and only its status says so."""
    simulator.options["vonage_report_rows"] = 5
    report = client.ready()

    answer = client.send("GET", report["_links"]["download_report"]["href"])
    archive = ZipFile(io.BytesIO(answer.content))
    table = archive.read(archive.namelist()[0]).decode()
    assert report["request_status"] == "TRUNCATED"
    assert report["items_count"] == 5 == len(table.splitlines()) - 1


def test_outcomes_are_scripted(client: Client, simulator: Simulator) -> None:
    """Tests choose the status of the next reports; later ones succeed."""
    simulator.options["vonage_report_outcomes"] = ["FAILED", "ABORTED", "PAUSED"]

    ends = [client.ready()["request_status"] for _ in range(4)]

    assert ends == ["FAILED", "ABORTED", "PAUSED", "SUCCESS"]


def test_the_list_of_reports_has_pages(client: Client, simulator: Simulator) -> None:
    """A tap that reads only the first page would miss a report that it has paid for."""
    made = [client.ask().json()["request_id"] for _ in range(3)]
    simulator.options["vonage_report_list_page"] = 2
    params = {"account_id": client.account, "status": ANY}

    first = client.send("GET", "/v2/reports", params=params).json()
    second = client.send("GET", first["_links"]["next"]["href"]).json()

    assert [one["request_id"] for one in first["reports"]] == made[:2]
    assert [one["request_id"] for one in second["reports"]] == made[2:]
    assert "_links" not in second


def test_reports_may_have_another_form(client: Client, simulator: Simulator) -> None:
    """An undated page of the reference has `status` and `download_url`."""
    simulator.options["vonage_report_other_form"] = True

    report = client.ready()

    assert report["status"] == "SUCCESS"
    assert "request_status" not in report
    assert report["request_params"]["product"] == "VOICE-CALL"
    assert client.send("GET", report["download_url"]).status_code == 200


@pytest.mark.parametrize("kind", ["reset", "close", "502"])
def test_a_report_may_exist_although_its_response_was_lost(
    client: Client, simulator: Simulator, kind: str
) -> None:
    """A client that sends the request again at once has two reports."""
    simulator.options["vonage_lose_answers"] = [kind]
    try:
        status = client.ask().status_code
    except requests.ConnectionError:
        status = 0

    assert status == (502 if kind == "502" else 0)
    assert len(client.listed()) == 1
