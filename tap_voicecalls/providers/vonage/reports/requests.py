"""Requests for reports: an existing report is reused, and a lost response is looked up in the list.

Vonage charges for each report. So a request is never sent twice blindly: when its response is lost,
the list of reports tells whether the report was created.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError, BadAnswer, OutcomeUnknown
from tap_voicecalls.http.rate_gate import sleep
from tap_voicecalls.providers.vonage.reports.request import ReportRequest
from tap_voicecalls.providers.vonage.reports.reusable import ReusableReports

if TYPE_CHECKING:
    from datetime import datetime

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.providers.vonage.reports.api import ReportApi
    from tap_voicecalls.providers.vonage.reports.report import Report
    from tap_voicecalls.providers.vonage.reports.request import Pauses
    from tap_voicecalls.streams.read_context import ReadContext

_MOST_TRIES = 3
# How often a request is sent if its response is lost: each may create a report, which is charged.
# Reading the list waits for a server that is down, so no more requests are needed.
_MOST_REQUESTS = 4
# How far the server's clock may be behind. Older reports are recognized by their ids.
_CLOCKS_DIFFER = timedelta(hours=1)
# Vonage keeps a file for 72 hours; the file of a reused report must exist until it is downloaded.
_LISTED_FOR = timedelta(hours=70)

_logger = logging.getLogger("tap-voicecalls")


class ReportRequester:
    """Requests the reports of one account in one run; safe to share between threads.

    Args:
        context: The read context of the account.
        api: Sends the requests.
        account_id: The Vonage account whose calls they must hold.
        pauses: The pauses between two reads of the list.
        now: When the run began.
    """

    def __init__(
        self, context: ReadContext, api: ReportApi, account_id: str, pauses: Pauses, now: datetime
    ) -> None:
        self._context = context
        self._api = api
        self._pauses = pauses
        self._seconds: float = context.account.settings["report_timeout_hours"] * 3600
        self._where = context.where
        self._reusable = ReusableReports(
            api.listed(now - _LISTED_FOR), account_id, context.lookback
        )
        self._since = now - _CLOCKS_DIFFER

    def request(self, product: str, window: Window) -> ReportRequest:
        """Reuse an existing report, or request one.

        Raises:
            ApiError: Vonage rejects the request, or it stays unknown whether a report was created.
            BadAnswer: A response is not what the API documents.
            ReadCancelled: The read was cancelled.
        """
        deadline = time.monotonic() + self._seconds
        if existing := self._reusable.take(product, window):
            request = ReportRequest(product, window, existing, deadline)
            _logger.info("%s: reusing existing report: %s", self._where, request)
            return request
        request = ReportRequest(product, window, self._created(product, window), deadline)
        _logger.info("%s: requested %s", self._where, request)
        return request

    def request_again(self, request: ReportRequest, reason: str) -> None:
        """Request a report once more.

        Args:
            request: The request; it gets the new report.
            reason: What happened to the last one, such as "expired".

        Raises:
            ApiError: That was the last try; or as for :meth:`request`.
        """
        if request.tries == _MOST_TRIES:
            msg = (
                f"{self._where}: {request} {reason}, the last of {_MOST_TRIES}; try again later, "
                "ask Vonage if this persists, or set `vonage.mode` to `sync`"
            )
            raise ApiError(msg)
        _logger.warning("%s: %s %s; requesting it again", self._where, request, reason)
        request.tries += 1
        request.report = self._created(request.product, request.window)

    def _created(self, product: str, window: Window) -> Report:
        """Request a report; if the response is lost, look it up before the next try."""
        pause = self._pauses.first
        for _ in range(_MOST_REQUESTS):
            try:
                created = self._api.ask(product, window)
            except OutcomeUnknown as error:
                lost = error
            else:
                self._reusable.note(created)
                return created
            _logger.warning("%s; looking for the report before requesting it again", lost)
            if report := self._find(lost, product, window, pause):
                return report
            pause = self._pauses.after(pause)
        msg = f"{lost}; requested {_MOST_REQUESTS} times, and the list of reports does not have it"
        raise ApiError(msg)

    def _find(
        self, lost: OutcomeUnknown, product: str, window: Window, pause: float
    ) -> Report | None:
        """Return the report of a request whose response was lost; None if there is none.

        It may not be listed at once, so the list is read again after a pause.
        """
        for wait in (0, pause):
            sleep(wait, self._context.cancelled)
            try:
                listed = self._api.listed(self._since)
            except (ApiError, BadAnswer) as error:
                msg = (
                    f"{lost}; the list of reports cannot be read either, so the report is not "
                    f"requested again; the next run looks for it ({error})"
                )
                raise ApiError(msg) from None
            if report := self._reusable.made_since(listed, product, window, self._since):
                _logger.info("%s: found the report that was requested", self._where)
                return report
        return None
