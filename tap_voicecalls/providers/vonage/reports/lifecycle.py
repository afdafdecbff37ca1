"""A report from its request to its file.

How a report can end (source: Vonage Reports API reference, get-report), and what follows:

* PENDING, PROCESSING: it is polled with growing intervals, for as long as `report_timeout_hours`
  allows. It is not cancelled then: the next run reuses it.
* SUCCESS: its file is downloaded.
* TRUNCATED: there was too much for one file, so the file is incomplete. It is not read; both halves
  of the range are requested.
* FAILED: it is requested again, up to three times in all. So is a report that the server no longer
  knows, or whose file is gone: Vonage keeps reports for 4 days and files for 72 hours.
* ABORTED: somebody cancelled it on purpose: the stream fails.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.common.safe_text import safe_title
from tap_voicecalls.http.rate_gate import sleep
from tap_voicecalls.providers.vonage.reports.api import ReportApi
from tap_voicecalls.providers.vonage.reports.report import RUNNING
from tap_voicecalls.providers.vonage.reports.request import Pauses, ReportRequest
from tap_voicecalls.providers.vonage.reports.requests import ReportRequester

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import IO

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.streams.read_context import ReadContext


class Reports:
    """The asynchronous reports of one account in one run; safe to share between threads.

    Args:
        context: The read context of the account.
        account_id: The Vonage account whose calls they must hold.
        products: The products to read.
        now: When the run began.

    Attributes:
        pauses: The pauses between two polls.
    """

    pauses: ClassVar[Pauses] = Pauses()

    def __init__(
        self, context: ReadContext, account_id: str, products: Sequence[str], now: datetime
    ) -> None:
        self._context = context
        self._products = products
        self._hours: float = context.account.settings["report_timeout_hours"]
        self._where = context.where
        self._api = ReportApi(context, account_id)
        self._requester = ReportRequester(context, self._api, account_id, self.pauses, now)

    def of_piece(self, piece: Window) -> list[ReportRequest]:
        """Request the reports of a piece of time, of all products at once, and wait for them.

        Returns:
            The requests, each with a finished report; those of the halves for a truncated one.

        Raises:
            ApiError: Vonage rejects a request, or a report is not ready in time.
            BadAnswer: A response is not what the API documents.
            ReadCancelled: The read was cancelled.
        """
        return self._finished([self._requester.request(each, piece) for each in self._products])

    def download(self, request: ReportRequest, file: IO[bytes]) -> bool:
        """Write the file of a report; return whether the server still has it.

        Raises:
            ApiError: Vonage rejects the request, or the file cannot be written.
            BadAnswer: A response is not what the API documents.
        """
        if request.report.file is None:
            msg = f"{request} is ready, but the server does not say where its file is"
            raise BadAnswer(msg)
        try:
            return self._api.download(request.report.file, file)
        except OSError as error:
            msg = f"{self._where}: {request} cannot be written to the disk: {error.strerror}"
            raise ApiError(msg) from None

    def after_lost_file(self, request: ReportRequest) -> list[ReportRequest]:
        """Request a report again whose file is gone; return as :meth:`of_piece`."""
        self._requester.request_again(request, "has lost its file")
        return self._finished([request])

    def _finished(self, requests: Sequence[ReportRequest]) -> list[ReportRequest]:
        reading, finished = self._context.reading, list[ReportRequest]()
        reading.awaits(len(requests), "report")
        for request in requests:
            finished += self._to_its_end(request)
            reading.awaits(-1, "report")
        return finished

    def _to_its_end(self, request: ReportRequest) -> list[ReportRequest]:
        while True:
            self._await(request)
            match request.report.status:
                case "SUCCESS":
                    return [request]
                case "TRUNCATED":
                    return self._finished(self._halves(request))
                case "FAILED":
                    self._requester.request_again(request, "failed")
                case "ABORTED":
                    msg = f"{self._where}: {request} was cancelled; the next run requests it again"
                    raise ApiError(msg)
                case status:
                    msg = f"{request} has an undocumented status: {safe_title(status)!r}"
                    raise BadAnswer(msg)

    def _await(self, request: ReportRequest) -> None:
        pause = self.pauses.first
        while request.report.status in RUNNING:
            left = request.deadline - time.monotonic()
            if left <= 0:
                msg = (
                    f"{self._where}: {request} is not ready after {self._hours:g} h, see "
                    "`vonage.report_timeout_hours`; the next run reuses it"
                )
                raise ApiError(msg)
            sleep(min(pause, left), self._context.cancelled)
            pause = self.pauses.after(pause)
            current = self._api.look(request.report, request.product, request.window)
            if current is None:
                self._requester.request_again(request, "expired")
            else:
                request.report = current

    def _halves(self, request: ReportRequest) -> list[ReportRequest]:
        if not request.window.can_be_divided:
            msg = f"{request} is TRUNCATED, and its range cannot be divided further; ask Vonage why"
            raise BadAnswer(msg)
        halves = request.window.divided(2)
        return [self._requester.request(request.product, half) for half in halves]
