"""A report of the simulated Reports API, and its JSON description.

Source: Vonage Reports API reference. A file exists for 72 hours, a report for 4 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tap_voicecalls.simulator.api import Record, iso

if TYPE_CHECKING:
    from tap_voicecalls.simulator.messages import Incoming

_FILE_KEPT = timedelta(hours=72)
_REPORT_KEPT = timedelta(days=4)
RUNNING = {"PENDING", "PROCESSING"}
"""The report is not ready."""
_WITH_FILE = {"SUCCESS", "TRUNCATED"}
STATUSES = {*RUNNING, *_WITH_FILE, "ABORTED", "FAILED"}
"""All statuses of a report."""


@dataclass
class Report:
    """A report.

    Attributes:
        key: Its id.
        file: The id of its file.
        product: The product.
        asked: The fields of the request, with the dates as the API formats them.
        received: When it was requested.
        outcome: The status in which it ends.
        records: What its file holds.
        status: Its status now.
        looks: How often it was polled.
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

    def is_kept(self, now: datetime) -> bool:
        """Return whether the report still exists."""
        return now - self.received < _REPORT_KEPT

    def has_file(self, now: datetime) -> bool:
        """Return whether its file can be downloaded."""
        return self.status in _WITH_FILE and now - self.received < _FILE_KEPT


def described(report: Report, mount: str, files: str, count_off: int) -> Record:
    """Return a report as the API describes it.

    Args:
        report: The report.
        mount: The address of the API.
        files: The address of the API that has the files.
        count_off: What is added to the number of its rows.
    """
    links: Record = {"self": {"href": f"{mount}/v2/reports/{report.key}"}}
    body: Record = {
        "request_id": report.key,
        "request_status": report.status,
        **report.asked,
        "receive_time": zoned_text(report.received),
        "_links": links,
    }
    if report.status != "PENDING":
        body["start_time"] = zoned_text(report.received)
    if report.status in _WITH_FILE:
        body["items_count"] = len(report.records) + count_off
        links["download_report"] = {"href": f"{files}/v3/media/{report.file}"}
    return body


def in_other_form(body: Record) -> Record:
    """Return the description of a report in the form of an undated page of the reference."""
    kept = ("request_id", "receive_time", "start_time", "items_count")
    links = dict(body["_links"])  # type: ignore[call-overload]
    asked = {n: v for n, v in body.items() if n not in {*kept, "request_status", "_links"}}
    own = {name: body[name] for name in kept if name in body}
    if file := links.pop("download_report", None):
        own["download_url"] = file["href"]
    return own | {"status": body["request_status"], "request_params": asked, "_links": links}


def page_of(incoming: Incoming, reports: list[Record], size: object) -> Record:
    """Return a page of the list of reports, with a link to the next one if there is more.

    Args:
        incoming: The request.
        reports: All matching reports.
        size: The page size; None for one page.
    """
    first = int(incoming.first("cursor") or 0)
    shown = reports[first : first + size] if isinstance(size, int) else reports
    link = f"{incoming.mount}/v2/reports/"
    body: Record = {"items_count": len(shown), "self_link": link, "reports": shown}
    if (after := first + len(shown)) < len(reports):
        pairs = [pair for pair in incoming.query if pair[0] != "cursor"]
        query = urlencode([*pairs, ("cursor", str(after))])
        body["_links"] = {"next": {"href": f"{incoming.mount}/v2/reports?{query}"}}
    return body


def zoned_text(moment: datetime) -> str:
    """Format a time as the API does."""
    return iso(moment, "seconds", "+0000")
