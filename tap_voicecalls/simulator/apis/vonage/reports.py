"""The simulated asynchronous reports of Vonage. Source: Vonage Reports API reference.

POST `/v2/reports` requests a report, GET `/v2/reports/{id}` returns its status, GET `/v2/reports`
lists all reports, DELETE `/v2/reports/{id}` cancels one, GET `/v3/media/{id}` is the file of one.
A file exists for 72 hours, a report for 4 days.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from tap_voicecalls.simulator.api import Record, iso
from tap_voicecalls.simulator.apis.vonage.files import archive
from tap_voicecalls.simulator.apis.vonage.query import LAST, InvalidError, Query, query_of, zoned
from tap_voicecalls.simulator.apis.vonage.report import (
    RUNNING,
    STATUSES,
    Report,
    described,
    in_other_form,
    page_of,
    zoned_text,
)
from tap_voicecalls.simulator.messages import Incoming, Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tap_voicecalls.simulator.api import Handler

OPTIONS: Mapping[str, object] = {
    # How often a report is polled before it is ready.
    "vonage_report_polls": 1,
    # The final statuses of the next reports; all others end with SUCCESS.
    "vonage_report_outcomes": (),
    # The most rows of a file; a report with more is TRUNCATED.
    "vonage_report_rows": None,
    # Added to the reported number of rows.
    "vonage_report_count_off": 0,
    # The condition of a file: see `files.archive`.
    "vonage_report_file": "whole",
    # Whether the link to a file leads to another origin.
    "vonage_report_link_away": False,
    # Whether reports are described in the form of an undated page: `status`, `download_url`.
    "vonage_report_other_form": False,
    # The page size of the list of reports; None for one page.
    "vonage_report_list_page": None,
    # How the responses to the next requests for a report are lost, although each creates one:
    # "reset", "close", "stall", "cut", or a status; "ok" for a response that is not lost.
    "vonage_lose_answers": (),
}
"""The options of reports and their defaults."""

_LONGEST = (timedelta(days=397), "13 months")
_BY_DEFAULT = timedelta(days=7)


class Reports:
    """All reports that were requested.

    Args:
        account: The account that may request reports.
        options: The simulator's options.
        now: Returns the simulated time.
        find: Returns the current records of a query.
        refusal: Returns an exception that answers with the provider's error body.
        foreign_url: Returns another origin.
    """

    def __init__(  # noqa: PLR0913 - the parts of its API that it needs
        self,
        account: str,
        *,
        options: dict[str, object],
        now: Callable[[], datetime],
        find: Callable[[Query], list[Record]],
        refusal: Callable[[int, str], Refusal],
        foreign_url: Callable[[], str],
    ) -> None:
        self._account = account
        self._options = options
        self._now = now
        self._find = find
        self._refusal = refusal
        self._foreign = foreign_url
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
        """Handle one request at a time, since requests change reports."""

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
        asked |= {name: zoned_text(moment) for name, moment in edges}
        records = self._find(query)
        outcome = self._scripted("vonage_report_outcomes", "SUCCESS")
        most = self._options["vonage_report_rows"]
        if isinstance(most, int) and len(records) > most:
            records, outcome = records[:most], "TRUNCATED"
        ids = str(uuid4()), str(uuid4())
        report = Report(*ids, query.product, asked, now, outcome, records)
        self._reports[report.key] = report
        answer = Response(200, self._described(incoming, report))
        return self._lost(answer, self._scripted("vonage_lose_answers", "ok"))

    def _lost(self, answer: Response, kind: str) -> Response:
        """Return the response to a request that was carried out, lost in some way."""
        match kind:
            case "ok":
                return answer
            case "reset" | "close" | "stall" | "cut":
                seconds = float(str(self._options["stall_seconds"]))
                return replace(answer, manner=kind, seconds=seconds)
            case status:
                return self._refusal(int(status), "This is a fault of the simulator.").response

    def _asked(self, incoming: Incoming) -> Record:
        """Return the fields of a request, with defaults for missing dates."""
        if incoming.malformed or not isinstance(incoming.body, dict):
            raise self._refusal(400, "Malformed JSON payload.")
        now = self._now()
        dates: Record = {"date_start": iso(now - _BY_DEFAULT), "date_end": iso(now - LAST)}
        asked: Record = dates | {"include_subaccounts": False} | incoming.body
        if not isinstance(asked["include_subaccounts"], bool):
            raise InvalidError(("include_subaccounts", "Must be a boolean"))
        return asked

    def _scripted(self, name: str, usual: str) -> str:
        """Take the next word of a script; the usual one once the script is used up."""
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
        matching = [
            self._described(incoming, report)
            for report in self._reports.values()
            if report.is_kept(self._now()) and report.status in wanted
            if (since is None or since <= report.received)
            and (until is None or report.received <= until)
        ]
        return Response(200, page_of(incoming, matching, self._options["vonage_report_list_page"]))

    def _edge(self, incoming: Incoming, name: str) -> datetime | None:
        text = incoming.first(name)
        if text is not None and zoned(text) is None:
            raise self._refusal(400, "Invalid request parameter.")
        return zoned(text)

    def _look(self, incoming: Incoming, key: str) -> Response:
        report = self._known(key)
        if report.status in RUNNING:
            report.looks += 1
            is_ready = report.looks > int(str(self._options["vonage_report_polls"]))
            report.status = report.outcome if is_ready else "PROCESSING"
        return Response(200, self._described(incoming, report))

    def _cancel(self, incoming: Incoming, key: str) -> Response:
        report = self._known(key)
        if report.status not in RUNNING:
            raise self._refusal(409, "The job is already in a terminated state.")
        report.status = "ABORTED"
        return Response(200, self._described(incoming, report))

    def _file(self, incoming: Incoming, key: str) -> Response:
        del incoming
        reports = [report for report in self._reports.values() if report.file == key]
        if not reports or not reports[0].has_file(self._now()):
            raise self._refusal(404, f"File {key} does not exist, or you do not have access.")
        (report,) = reports
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
        if report is None or not report.is_kept(self._now()):
            raise self._refusal(404, f"Report {key} does not exist, or you do not have access.")
        return report

    def _admit(self, account: str) -> None:
        if account != self._account:
            raise self._refusal(403, "User not authorized to query the requested data.")

    def _described(self, incoming: Incoming, report: Report) -> Record:
        away = self._options["vonage_report_link_away"]
        files = f"{self._foreign()}/vonage" if away else incoming.mount
        off = int(str(self._options["vonage_report_count_off"]))
        body = described(report, incoming.mount, files, off)
        return in_other_form(body) if self._options["vonage_report_other_form"] else body
