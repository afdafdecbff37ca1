"""The simulated asynchronous reports of Vonage keep their contract."""

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
    """Speaks to the simulated API with the right key.

    Args:
        session: What sends.
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
        """Ask for a report; a field given as None is left out."""
        body = {"product": "VOICE-CALL", "account_id": self.account, **MONTH, **changes}
        told = {name: value for name, value in body.items() if value is not None}
        return self.send("POST", "/v2/reports", json=told)

    def look(self, report: dict[str, Any]) -> dict[str, Any]:
        """Look at a report."""
        answer: dict[str, Any] = self.send("GET", report["_links"]["self"]["href"]).json()
        return answer

    def ready(self, **changes: object) -> dict[str, Any]:
        """Ask for a report, and look until it has come to its end."""
        report: dict[str, Any] = self.ask(**changes).json()
        for _ in range(5):
            report = self.look(report)
        return report

    def listed(self, **changes: str) -> list[str]:
        """Return the ids of the listed reports."""
        params = {"account_id": self.account, "status": ANY, **changes}
        answer = self.send("GET", "/v2/reports", params=params).json()
        assert answer["items_count"] == len(answer["reports"])
        return [report["request_id"] for report in answer["reports"]]


@pytest.fixture
def client(session: requests.Session, simulator: Simulator) -> Client:
    """Whoever asks for reports."""
    return Client(session, simulator)


def test_a_report_gets_ready_by_and_by(client: Client) -> None:
    """A tap that reads too early must find neither a file nor a number of rows."""
    report = client.ask().json()
    seen = [report, client.look(report), client.look(report)]

    assert [each["request_status"] for each in seen] == ["PENDING", "PROCESSING", "SUCCESS"]
    assert ["items_count" in each for each in seen] == [False, False, True]
    assert ["download_report" in each["_links"] for each in seen] == [False, False, True]
    # Dates come back in whole seconds, UTC, with an offset that has no colon.
    assert report["date_start"] == "2026-04-01T00:00:00+0000"
    assert report["date_end"] == "2026-05-01T00:00:00+0000"
    assert report["receive_time"] == "2026-05-02T00:00:00+0000"
    assert report["include_subaccounts"] is False


@pytest.mark.parametrize(
    "product",
    ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL", "ASR"],
)
def test_a_file_holds_what_the_other_half_sends(
    client: Client, simulator: Simulator, product: str
) -> None:
    """Both halves of the API tell the same of each call, but for empty texts and nulls."""
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
    """A report that the documents forbid is refused, so that a tap cannot rely on leniency."""
    answer = client.ask(**changes)

    assert answer.status_code == 422
    assert name in [each["name"] for each in answer.json()["invalid_parameters"]]


def test_thirteen_months_are_allowed(client: Client) -> None:
    """The limit is that of the retention, not the day of the other half."""
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
def test_other_mistakes_have_their_status(
    client: Client, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    """Each refusal is the documented one, in the API's own form."""
    answer = client.send(method, path, **options)

    assert answer.status_code == status
    assert {"type", "title", "detail", "instance"} <= answer.json().keys()


@pytest.mark.parametrize("path", ["/v2/reports", "/v2/reports/a", "/v3/media/a"])
def test_every_endpoint_wants_the_key(
    session: requests.Session, simulator: Simulator, path: str
) -> None:
    """A file is for those who have the key, and not for all who have the link."""
    base_url = simulator.configuration()["vonage"]["base_url"]

    assert session.get(f"{base_url}{path}", timeout=10).status_code == 401


def test_the_list_is_filtered(client: Client, simulator: Simulator) -> None:
    """Status and time narrow the list; whoever asks for SUCCESS is not told of others."""
    ready = client.ready()["request_id"]
    assert simulator.now
    simulator.now += timedelta(hours=2)
    pending = client.ask().json()["request_id"]

    assert client.listed() == [ready, pending]
    assert client.listed(status="SUCCESS, FAILED") == [ready]
    assert client.listed(date_from="2026-05-02T01:00:00Z") == [pending]
    assert client.listed(date_to="2026-05-02T01:00:00Z") == [ready]


def test_files_and_reports_go_in_time(client: Client, simulator: Simulator) -> None:
    """A file is there for 72 hours, a report for 4 days, and then nobody knows them."""
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
    """What has come to its end stays as it is, and says so with a 409."""
    path = f"/v2/reports/{client.ask().json()['request_id']}"

    assert client.send("DELETE", path).json()["request_status"] == "ABORTED"
    assert client.send("DELETE", path).status_code == 409
    assert client.send("GET", path).json()["request_status"] == "ABORTED"
    assert client.send("DELETE", f"/v2/reports/{client.ready()['request_id']}").status_code == 409


def test_a_report_holds_what_there_was_when_it_was_asked_for(
    client: Client, simulator: Simulator
) -> None:
    """A call that appears later is in no report that was made before."""
    start = simulator.world.start + timedelta(hours=1)
    before = client.ask().json()
    simulator.world.add("vonage", start=start)
    after = client.ready()

    assert client.look(client.look(before))["request_id"] == before["request_id"]
    assert client.look(before)["items_count"] == after["items_count"] - 1


def test_a_report_of_too_much_is_cut(client: Client, simulator: Simulator) -> None:
    """A cut file holds fewer rows than there are calls, and its status is the only sign."""
    simulator.options["vonage_report_rows"] = 5
    report = client.ready()

    answer = client.send("GET", report["_links"]["download_report"]["href"])
    archive = ZipFile(io.BytesIO(answer.content))
    table = archive.read(archive.namelist()[0]).decode()
    assert report["request_status"] == "TRUNCATED"
    assert report["items_count"] == 5 == len(table.splitlines()) - 1


def test_outcomes_are_scripted(client: Client, simulator: Simulator) -> None:
    """Tests say how the next reports end; those after them succeed."""
    simulator.options["vonage_report_outcomes"] = ["FAILED", "ABORTED", "PAUSED"]

    ends = [client.ready()["request_status"] for _ in range(4)]

    assert ends == ["FAILED", "ABORTED", "PAUSED", "SUCCESS"]


def test_the_list_comes_in_pages(client: Client, simulator: Simulator) -> None:
    """A tap that reads the first page alone would not find a report that it has paid for."""
    made = [client.ask().json()["request_id"] for _ in range(3)]
    simulator.options["vonage_report_list_page"] = 2
    params = {"account_id": client.account, "status": ANY}

    first = client.send("GET", "/v2/reports", params=params).json()
    second = client.send("GET", first["_links"]["next"]["href"]).json()

    assert [one["request_id"] for one in first["reports"]] == made[:2]
    assert [one["request_id"] for one in second["reports"]] == made[2:]
    assert "_links" not in second


def test_reports_may_be_told_in_another_form(client: Client, simulator: Simulator) -> None:
    """An undated page of the reference shows `status` and `download_url`."""
    simulator.options["vonage_report_other_form"] = True

    report = client.ready()

    assert report["status"] == "SUCCESS"
    assert "request_status" not in report
    assert report["request_params"]["product"] == "VOICE-CALL"
    assert client.send("GET", report["download_url"]).status_code == 200


@pytest.mark.parametrize("kind", ["reset", "close", "502"])
def test_an_answer_is_lost_though_the_report_is_made(
    client: Client, simulator: Simulator, kind: str
) -> None:
    """Whoever asks again at once has two reports."""
    simulator.options["vonage_lose_answers"] = [kind]
    try:
        status = client.ask().status_code
    except requests.ConnectionError:
        status = 0

    assert status == (502 if kind == "502" else 0)
    assert len(client.listed()) == 1
