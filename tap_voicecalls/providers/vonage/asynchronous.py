"""Asynchronous reports: asked for, or taken up from an earlier run; awaited, and downloaded.

How a report can end (source: Vonage Reports API reference, get-report), and what follows:

* PENDING, PROCESSING: it is looked at again, after growing pauses, for as long as
  `report_timeout_hours` allows. It is not cancelled then: the next run takes it up.
* SUCCESS: its file is downloaded.
* TRUNCATED: there was too much for one file, which is cut. It is left alone, and both halves of
  the range are asked for.
* FAILED: it is asked for anew, up to three times in all. So is one that the server does not know
  any more, or whose file is gone: they are kept for 4 days, and for 72 hours.
* ABORTED: somebody cancelled it, and will have had a reason: the stream ends with an error.

A request for a report is never sent twice blindly: if its answer is lost, the report that it may
have made is looked for in the list, for each is charged for.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, ClassVar

from tap_voicecalls.common.errors import ApiError, BadAnswer, OutcomeUnknown
from tap_voicecalls.common.safe_text import safe_title
from tap_voicecalls.http.rate_gate import sleep
from tap_voicecalls.providers.vonage.kept import ReusableReports
from tap_voicecalls.providers.vonage.report import RUNNING
from tap_voicecalls.providers.vonage.report_api import ReportApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.providers.vonage.report import Report
    from tap_voicecalls.streams.read_context import ReadContext

PIECES_AT_ONCE = 4
"""How many pieces of the time that is read are asked for ahead."""

_MOST_TRIES = 3
# How often a request without an answer is sent: each may make, and charge for, a report. A server
# that is down is waited for by the look at the list, not by more of these.
_MOST_REQUESTS = 4
# A server's clock may be behind by so much. Older reports are told apart by their ids.
_CLOCKS_DIFFER = timedelta(hours=1)
# A file is kept for 72 hours; one that is taken up is to be there until it is downloaded.
_LISTED_FOR = timedelta(hours=70)

_logger = logging.getLogger("tap-voicecalls")


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds between two looks at a report: a million records take it 5 to 10 minutes.

    Attributes:
        first: The first pause.
        growth: How many times as long as the one before each other is.
        longest: How long they become.
    """

    first: float = 1.5
    growth: float = 1.5
    longest: float = 60.0

    def after(self, pause: float) -> float:
        """Return the pause that follows one."""
        return min(pause * self.growth, self.longest)


@dataclass
class ReportRequest:
    """A report that is wanted.

    Attributes:
        product: The product whose calls it holds.
        window: Their range.
        report: The report, as last told.
        deadline: Until when to wait for it, by the monotonic clock.
        tries: How many reports were asked for or taken up for it.
    """

    product: str
    window: Window
    report: Report
    deadline: float
    tries: int = 1

    def __str__(self) -> str:
        start, end = (moment.isoformat() for moment in (self.window.start, self.window.end))
        return f"the report of {self.product} from {start} to {end}"


class Reports:
    """The asynchronous reports of one reading; safe to share between threads.

    Args:
        context: What they are read for.
        account_id: Whose calls they are to hold.
        products: Of which products.
        now: When the run began.

    Attributes:
        pauses: Between two looks.
    """

    pauses: ClassVar[Pauses] = Pauses()

    def __init__(
        self, context: ReadContext, account_id: str, products: Sequence[str], now: datetime
    ) -> None:
        self._context = context
        self._products = products
        self._hours: float = context.account.settings["report_timeout_hours"]
        self._where = context.account.client.named(context.stream)
        self._api = ReportApi(context, account_id)
        listed = self._api.listed(now - _LISTED_FOR)
        self._kept = ReusableReports(listed, account_id, context.lookback)
        self._since = now - _CLOCKS_DIFFER

    def of_piece(self, piece: Window) -> tuple[Window, list[ReportRequest]]:
        """Ask for the reports of a piece of time, of all products at once, and await them.

        Returns:
            The piece, and its reports, each with a file: those of parts for one that was cut.

        Raises:
            ApiError: The provider refuses, or does not get ready.
            BadAnswer: An answer is not what the API promises.
            ReadCancelled: Nobody waits any more.
        """
        return piece, self._finished([self._ordered(product, piece) for product in self._products])

    def files(self, order: ReportRequest) -> Iterator[tuple[ReportRequest, IO[bytes]]]:
        """Yield the file of a report; if it is gone, that of one that is asked for instead.

        Raises:
            ApiError: The provider refuses, or the disk does.
            BadAnswer: An answer is not what the API promises.
        """
        if order.report.rows == 0:
            return
        # It holds data about people: it has no name, and is gone with the process.
        with TemporaryFile() as file:
            if self._download(order, file):
                yield order, file
                return
        self._ask_again(order, "has lost its file")
        for other in self._finished([order]):
            yield from self.files(other)

    def _download(self, order: ReportRequest, file: IO[bytes]) -> bool:
        if order.report.file is None:
            msg = f"{order} is ready, but the server does not say where"
            raise BadAnswer(msg)
        try:
            return self._api.download(order.report.file, file)
        except OSError as error:
            msg = f"{self._where}: {order} cannot be kept on the disk: {error.strerror}"
            raise ApiError(msg) from None

    # A report's life --------------------------------------------------------------------------

    def _ordered(self, product: str, window: Window) -> ReportRequest:
        deadline = time.monotonic() + self._hours * 3600
        if kept := self._kept.take(product, window):
            order = ReportRequest(product, window, kept, deadline)
            _logger.info("%s: reusing %s, which is there already", self._where, order)
            return order
        order = ReportRequest(product, window, self._ask(product, window), deadline)
        _logger.info("%s: %s was asked for", self._where, order)
        return order

    def _finished(self, orders: Sequence[ReportRequest]) -> list[ReportRequest]:
        return [finished for order in orders for finished in self._to_its_end(order)]

    def _to_its_end(self, order: ReportRequest) -> list[ReportRequest]:
        while True:
            self._await(order)
            match order.report.status:
                case "SUCCESS":
                    return [order]
                case "TRUNCATED":
                    return self._finished(self._halves(order))
                case "FAILED":
                    self._ask_again(order, "failed")
                case "ABORTED":
                    msg = f"{self._where}: {order} was cancelled; the next run asks for it anew"
                    raise ApiError(msg)
                case word:
                    msg = f"{order} has a status that nobody documented: {safe_title(word)!r}"
                    raise BadAnswer(msg)

    def _await(self, order: ReportRequest) -> None:
        pause = self.pauses.first
        while order.report.status in RUNNING:
            left = order.deadline - time.monotonic()
            if left <= 0:
                msg = (
                    f"{self._where}: {order} is not ready after {self._hours:g} h, see "
                    "`vonage.report_timeout_hours`; the next run takes it up again"
                )
                raise ApiError(msg)
            sleep(min(pause, left), self._context.cancelled)
            pause = self.pauses.after(pause)
            found = self._api.look(order.report, order.product, order.window)
            if found is None:
                self._ask_again(order, "expired")
            else:
                order.report = found

    def _halves(self, order: ReportRequest) -> list[ReportRequest]:
        if not order.window.can_be_divided:
            msg = f"{order} is cut, and cannot be divided any more; ask Vonage why"
            raise BadAnswer(msg)
        return [self._ordered(order.product, half) for half in order.window.divided(2)]

    def _ask_again(self, order: ReportRequest, fate: str) -> None:
        if order.tries == _MOST_TRIES:
            msg = (
                f"{self._where}: {order} {fate}, the last of {_MOST_TRIES}; try again later, ask "
                "Vonage if this persists, or set `vonage.mode` to `sync`"
            )
            raise ApiError(msg)
        _logger.warning("%s: %s %s; requesting it again", self._where, order, fate)
        order.tries += 1
        order.report = self._ask(order.product, order.window)

    # A request whose answer was lost ----------------------------------------------------------

    def _ask(self, product: str, window: Window) -> Report:
        """Ask for a report; if the answer is lost, look for it in the list before asking again."""
        pause = self.pauses.first
        for _ in range(_MOST_REQUESTS):
            try:
                report = self._api.ask(product, window)
            except OutcomeUnknown as error:
                lost = error
            else:
                self._kept.note(report)
                return report
            _logger.warning("%s; looking for the report before asking again", lost)
            if made := self._made(lost, product, window, pause):
                return made
            pause = self.pauses.after(pause)
        msg = f"{lost}; asked {_MOST_REQUESTS} times, and the list of reports has none"
        raise ApiError(msg)

    def _made(
        self, lost: OutcomeUnknown, product: str, window: Window, pause: float
    ) -> Report | None:
        """Return the report that a request has made whose answer was lost; None if there is none.

        It may not be listed at once: the list is read a second time, after a pause.
        """
        for wait in (0, pause):
            sleep(wait, self._context.cancelled)
            try:
                listed = self._api.listed(self._since)
            except (ApiError, BadAnswer) as error:
                msg = (
                    f"{lost}; the list of reports cannot be read either, so it is not asked for "
                    f"again: the next run looks for it ({error})"
                )
                raise ApiError(msg) from None
            if made := self._kept.made_since(listed, product, window, self._since):
                _logger.info("%s: found the report that was asked for", self._where)
                return made
        return None
