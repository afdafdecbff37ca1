"""The asynchronous half of the Vonage Reports API (source: Vonage Reports API reference).

POST `/v2/reports` asks for a report, GET `/v2/reports/{id}` tells how far it is, GET `/v2/reports`
lists those that there are, DELETE `/v2/reports/{id}` cancels one, GET `/v3/media/{id}` is its file.
A file is there for 72 hours, a report for 4 days.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

from tap_voicecalls.simulator.api import Record, iso
from tap_voicecalls.simulator.apis.vonage.files import archive
from tap_voicecalls.simulator.apis.vonage.query import LAST, InvalidError, Query, query_of, zoned
from tap_voicecalls.simulator.messages import Incoming, Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.simulator.api import Handler

OPTIONS: Mapping[str, object] = {
    # How often one has to look at a report before it is ready.
    "vonage_report_polls": 1,
    # How the next reports end, one word each; all others end in SUCCESS.
    "vonage_report_outcomes": (),
    # How many rows a file has at the most; a report of more is TRUNCATED.
    "vonage_report_rows": None,
    # What is added to the number of rows that is told.
    "vonage_report_count_off": 0,
    # What a file is like: see `files.archive`.
    "vonage_report_file": "whole",
    # Whether the link to a file leads to another origin.
    "vonage_report_link_away": False,
    # Whether reports are told in the form of an undated page: `status`, `download_url`.
    "vonage_report_other_form": False,
    # How many reports a page of the list holds; None for all.
    "vonage_report_list_page": None,
    # How the answers to the next requests for a report are lost, though each makes one: "reset",
    # "close", "stall", "cut", or a status; "ok" for one that is not.
    "vonage_lose_answers": (),
}
"""The switches of this half and their defaults."""

_FILE_KEPT = timedelta(hours=72)
_REPORT_KEPT = timedelta(days=4)
_LONGEST = (timedelta(days=397), "13 months")
_BY_DEFAULT = timedelta(days=7)
_RUNNING = {"PENDING", "PROCESSING"}
_WITH_FILE = {"SUCCESS", "TRUNCATED"}
STATUSES = {*_RUNNING, *_WITH_FILE, "ABORTED", "FAILED"}
"""All that a report can be in."""


@dataclass
class Report:
    """A report.

    Attributes:
        key: Its id.
        file: The id of its file.
        product: The product.
        asked: What the request said, with the dates as they are told.
        received: When it was asked for.
        outcome: The status it comes to.
        records: What its file holds.
        status: How far it is.
        looks: How often it was looked at.
    """

    key: str
    file: str
    product: str
    asked: Record
    received: datetime
    outcome: str
    records: list[Record]
    status: str = "PENDING"
    looks: int = 0


class Reports:
    """All reports that were asked for.

    Args:
        account: The account that may ask.
        options: The simulator's switches.
        now: Returns the simulated time.
        find: Returns the records of a query as they are now.
        refusal: Makes an exception that answers with the provider's error body.
        stranger: Returns another origin.
    """

    def __init__(  # noqa: PLR0913 - what it needs of its API, and nothing else of it
        self,
        account: str,
        *,
        options: dict[str, object],
        now: Callable[[], datetime],
        find: Callable[[Query], list[Record]],
        refusal: Callable[[int, str], Refusal],
        stranger: Callable[[], str],
    ) -> None:
        self._account = account
        self._options = options
        self._now = now
        self._find = find
        self._refusal = refusal
        self._stranger = stranger
        self._reports: dict[str, Report] = {}
        self._lock = threading.RLock()

    def routes(self) -> Mapping[str, Handler]:
        """Return the endpoints."""
        return {
            "POST /v2/reports": self._locked(self._create),
            "GET /v2/reports": self._locked(self._list),
            "GET /v2/reports/{id}": self._locked(self._look),
            "DELETE /v2/reports/{id}": self._locked(self._cancel),
            "GET /v3/media/{id}": self._locked(self._file),
        }

    def _locked(self, handler: Handler) -> Handler:
        """Answer one request at a time: they change reports."""

        def handle(*arguments: object) -> Response:
            with self._lock:
                return handler(*arguments)

        return handle

    def _create(self, incoming: Incoming) -> Response:
        asked, now = self._asked(incoming), self._now()
        query = query_of(
            replace(incoming, query=[(k, str(v)) for k, v in asked.items()]), now, _LONGEST
        )
        if query.window is None:
            raise InvalidError(("id", "Not supported"))
        self._admit(query.account)
        edges = zip(("date_start", "date_end"), query.window, strict=True)
        asked |= {name: _told(moment) for name, moment in edges}
        records = self._find(query)
        outcome = self._scripted("vonage_report_outcomes", "SUCCESS")
        most = self._options["vonage_report_rows"]
        if isinstance(most, int) and len(records) > most:
            records, outcome = records[:most], "TRUNCATED"
        ids = str(uuid4()), str(uuid4())
        report = Report(*ids, query.product, asked, now, outcome, records)
        self._reports[report.key] = report
        answer = Response(200, self._worded(incoming, report))
        return self._lost(answer, self._scripted("vonage_lose_answers", "ok"))

    def _lost(self, answer: Response, kind: str) -> Response:
        """Return what becomes of the answer to a request that was carried out."""
        match kind:
            case "ok":
                return answer
            case "reset" | "close" | "stall" | "cut":
                seconds = float(str(self._options["stall_seconds"]))
                return replace(answer, manner=kind, seconds=seconds)
            case status:
                return self._refusal(int(status), "This is a fault of the simulator.").response

    def _asked(self, incoming: Incoming) -> Record:
        """Return what a request says, with the dates that it leaves out."""
        if incoming.malformed or not isinstance(incoming.body, dict):
            raise self._refusal(400, "Malformed JSON payload.")
        now = self._now()
        dates: Record = {"date_start": iso(now - _BY_DEFAULT), "date_end": iso(now - LAST)}
        asked: Record = dates | {"include_subaccounts": False} | incoming.body
        if not isinstance(asked["include_subaccounts"], bool):
            raise InvalidError(("include_subaccounts", "Must be a boolean"))
        return asked

    def _scripted(self, name: str, usual: str) -> str:
        """Take the next word of a script; the usual one when it is used up."""
        script = self._options[name]
        if not isinstance(script, (list, tuple)) or not script:
            return usual
        word, *rest = script
        self._options[name] = rest
        return str(word)

    def _list(self, incoming: Incoming) -> Response:
        account, statuses = incoming.first("account_id"), incoming.first("status")
        wanted = {word.strip() for word in (statuses or "").split(",")}
        since, until = (self._edge(incoming, name) for name in ("date_from", "date_to"))
        if not account or not wanted <= STATUSES:
            raise self._refusal(400, "Invalid request parameter.")
        self._admit(account)
        found = [
            self._worded(incoming, report)
            for report in self._reports.values()
            if self._is_kept(report) and report.status in wanted
            if (since is None or since <= report.received)
            and (until is None or report.received <= until)
        ]
        return Response(200, self._page(incoming, found))

    def _page(self, incoming: Incoming, found: list[Record]) -> Record:
        """Return a page of the list, with a link to the next one if there is more."""
        link = f"{incoming.mount}/v2/reports/"
        size = self._options["vonage_report_list_page"]
        first = int(incoming.first("cursor") or 0)
        shown = found[first : first + size] if isinstance(size, int) else found
        body: Record = {"items_count": len(shown), "self_link": link, "reports": shown}
        if (after := first + len(shown)) < len(found):
            pairs = [pair for pair in incoming.query if pair[0] != "cursor"]
            query = urlencode([*pairs, ("cursor", str(after))])
            body["_links"] = {"next": {"href": f"{incoming.mount}/v2/reports?{query}"}}
        return body

    def _edge(self, incoming: Incoming, name: str) -> datetime | None:
        text = incoming.first(name)
        if text is not None and zoned(text) is None:
            raise self._refusal(400, "Invalid request parameter.")
        return zoned(text)

    def _look(self, incoming: Incoming, key: str) -> Response:
        report = self._known(key)
        if report.status in _RUNNING:
            report.looks += 1
            is_ready = report.looks > int(str(self._options["vonage_report_polls"]))
            report.status = report.outcome if is_ready else "PROCESSING"
        return Response(200, self._worded(incoming, report))

    def _cancel(self, incoming: Incoming, key: str) -> Response:
        report = self._known(key)
        if report.status not in _RUNNING:
            raise self._refusal(409, "The job is already in a terminated state.")
        report.status = "ABORTED"
        return Response(200, self._worded(incoming, report))

    def _file(self, incoming: Incoming, key: str) -> Response:
        del incoming
        found = [report for report in self._reports.values() if report.file == key]
        if not found or not self._has_file(found[0]):
            raise self._refusal(404, f"File {key} does not exist, or you do not have access.")
        (report,) = found
        day = report.received.strftime("%Y%m%d")
        table = f"report_{report.product}_{self._account}_{day}.csv"
        body = archive(table, report.records, str(self._options["vonage_report_file"]))
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{report.product}_{report.key}.zip"',
        }
        return Response(200, body, headers)

    def _known(self, key: str) -> Report:
        report = self._reports.get(key)
        if report is None or not self._is_kept(report):
            raise self._refusal(404, f"Report {key} does not exist, or you do not have access.")
        return report

    def _is_kept(self, report: Report) -> bool:
        return self._now() - report.received < _REPORT_KEPT

    def _has_file(self, report: Report) -> bool:
        return report.status in _WITH_FILE and self._now() - report.received < _FILE_KEPT

    def _admit(self, account: str) -> None:
        if account != self._account:
            raise self._refusal(403, "User not authorized to query the requested data.")

    def _worded(self, incoming: Incoming, report: Report) -> Record:
        links: Record = {"self": {"href": f"{incoming.mount}/v2/reports/{report.key}"}}
        told: Record = {
            "request_id": report.key,
            "request_status": report.status,
            **report.asked,
            "receive_time": _told(report.received),
            "_links": links,
        }
        if report.status != "PENDING":
            told["start_time"] = _told(report.received)
        if report.status in _WITH_FILE:
            off = int(str(self._options["vonage_report_count_off"]))
            told["items_count"] = len(report.records) + off
            links["download_report"] = {"href": f"{self._mount(incoming)}/v3/media/{report.file}"}
        return self._other_form(told) if self._options["vonage_report_other_form"] else told

    def _other_form(self, told: Record) -> Record:
        """Return what is told of a report as an undated page of the reference shows it."""
        kept = ("request_id", "receive_time", "start_time", "items_count")
        links = dict(told["_links"])  # type: ignore[call-overload]
        asked = {n: v for n, v in told.items() if n not in {*kept, "request_status", "_links"}}
        own = {name: told[name] for name in kept if name in told}
        if file := links.pop("download_report", None):
            own["download_url"] = file["href"]
        return own | {
            "status": told["request_status"],
            "request_params": asked,
            "_links": links,
        }

    def _mount(self, incoming: Incoming) -> str:
        away = self._options["vonage_report_link_away"]
        return f"{self._stranger()}/vonage" if away else incoming.mount


def _told(moment: datetime) -> str:
    return iso(moment, "seconds", "+0000")
