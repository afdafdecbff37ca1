"""The requests about asynchronous reports, within the rate limit published for them."""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError, BadAnswer, OutcomeUnknown
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.http.rate_gate import Rate
from tap_voicecalls.providers.vonage.paging import Cursor, next_page
from tap_voicecalls.providers.vonage.ranges import request_time
from tap_voicecalls.providers.vonage.reports.file import TooLargeError, check
from tap_voicecalls.providers.vonage.reports.report import (
    STATUSES,
    Report,
    difference,
    fields_of,
    in_known_form,
)
from tap_voicecalls.records.raw_json import decode, each
from tap_voicecalls.streams.paging.page import Link

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.streams.read_context import ReadContext

_PATH = "/v2/reports"
# A run requests some dozens of reports, and the list goes back three days.
_MOST_LIST_PAGES = 200


class ReportApi:
    """Sends the requests about reports; safe to share between threads.

    Args:
        context: The read context of the account.
        account_id: The Vonage account whose calls the reports hold.

    Attributes:
        requests_per_second: The published limit of these endpoints is 5. It is one less, since
            requests may arrive closer together than they were sent.
    """

    requests_per_second: ClassVar[float | None] = 4

    def __init__(self, context: ReadContext, account_id: str) -> None:
        self._context = context
        self._account_id = account_id
        self._base_url: str = context.account.settings["base_url"]
        self._rate = Rate(self.requests_per_second)

    def listed(self, since: datetime) -> list[dict[str, Any]]:
        """Return all reports of the account since a time, with any status.

        There is no `date_to`, so a report that was requested just now is included.

        Raises:
            ApiError: Vonage rejects the request, or the retries are used up.
            BadAnswer: A response is not a list of reports, or the list does not end.
        """
        params: dict[str, Any] = {
            "account_id": self._account_id,
            "status": ",".join(STATUSES),
            "date_from": request_time(since),
        }
        request, reports, used = HTTPRequest(_PATH, params=params), list[dict[str, Any]](), set()
        for _ in range(_MOST_LIST_PAGES):
            answer = self._send(request)
            count = whole_number(answer.get("items_count"))
            listed = (decode(bytes(sent)) for sent in each(answer.records("reports", count=count)))
            reports += [in_known_form(report) for report in listed if isinstance(report, dict)]
            token = self._next(answer)
            if token is None or token in used:  # the last page of a list may name itself
                return reports
            used.add(token)
            request = _continued(params, token)
        msg = f"the list of reports has more than {_MOST_LIST_PAGES} pages"
        raise BadAnswer(msg)

    def ask(self, product: str, window: Window) -> Report:
        """Request a report, without retries.

        Raises:
            OutcomeUnknown: It is unknown whether a report was created: the response was lost, or
                has no id.
            ApiError: Vonage rejects the request.
            BadAnswer: The response describes another report.
        """
        body = {
            "product": product,
            "account_id": self._account_id,
            "date_start": request_time(window.start),
            "date_end": request_time(window.end),
            "include_subaccounts": False,
        }
        request = HTTPRequest(_PATH, method="POST", data=body)
        answer = self._context.ask(request, resend=False, rate=self._rate)
        if not answer.get("request_id"):
            msg = f"{self._context.where}: response describes a report without a `request_id`"
            raise OutcomeUnknown(msg)
        return self._report(answer, product, window)

    def look(self, report: Report, product: str, window: Window) -> Report | None:
        """Return the current state of a report; None if it no longer exists.

        Raises:
            ApiError: Vonage rejects the request.
            BadAnswer: The response describes another report.
        """
        request = HTTPRequest(f"{_PATH}/{quote(report.id, safe='')}")
        try:
            answer = self._send(request)
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        current = self._report(answer, product, window)
        if current.id != report.id:
            msg = "response describes another report than requested; it is not read"
            raise BadAnswer(msg)
        return current

    def download(self, address: str, file: IO[bytes]) -> bool:
        """Download the file of a report; return whether it still exists.

        Raises:
            ApiError: Vonage rejects the request, or no try returns a valid file.
            BadAnswer: The file is larger than that of a report can be.
            OSError: The file cannot be written.
        """
        # Other requests accept JSON only.
        request = HTTPRequest(address, headers={"Accept": "*/*"})
        try:
            self._context.download(request, file, check, rate=self._rate)
        except TooLargeError as error:  # a retry would return the same file
            raise BadAnswer(str(error)) from None
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    def _report(self, answer: Answer, product: str, window: Window) -> Report:
        if other := difference(fields_of(answer.get), product, self._account_id, window):
            msg = f"response describes a report of another {other} than requested; it is not read"
            raise BadAnswer(msg)
        return Report.from_json(answer.get)

    def _next(self, answer: Answer) -> Cursor | Link | str | None:
        token = next_page(answer.get, self._base_url)
        cursor = answer.get("cursor")
        return token or (cursor if isinstance(cursor, str) and cursor else None)

    def _send(self, request: HTTPRequest) -> Answer:
        return self._context.ask(request, rate=self._rate)


def _continued(params: dict[str, Any], token: Cursor | Link | str) -> HTTPRequest:
    match token:
        case Link(href):
            return HTTPRequest(href)
        case Cursor(cursor, iv):
            return HTTPRequest(_PATH, params=params | {"cursor": cursor, "iv": iv})
        case cursor:
            return HTTPRequest(_PATH, params=params | {"cursor": cursor})
