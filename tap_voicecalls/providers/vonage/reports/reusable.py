"""The reports that can be reused, instead of paying for new ones. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.times import EPOCH
from tap_voicecalls.providers.vonage.reports.report import (
    SECOND,
    USABLE,
    Report,
    is_narrowed,
    time_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from tap_voicecalls.common.windows import Window


class ReusableReports:
    """The reports of the list that can be reused.

    Args:
        listed: The reports at the start of the run, in the form that has `request_status`.
        account_id: The Vonage account whose calls they must hold.
        lookback: How late calls may appear.
    """

    def __init__(
        self, listed: Iterable[Mapping[str, Any]], account_id: str, lookback: timedelta
    ) -> None:
        self._account_id = account_id
        self._lookback = lookback
        # The newest is reused first, so it is the last one.
        reports = sorted(listed, key=lambda fields: time_of(fields, "receive_time") or EPOCH)
        self._known = {str(fields.get("request_id")) for fields in reports}
        self._reports = defaultdict[tuple[object, ...], list[Report]](list)
        for fields in filter(self._is_reusable, reports):
            self._reports[_content_of(fields)].append(Report.from_json(fields.get))

    def take(self, product: str, window: Window) -> Report | None:
        """Return a report of an earlier run, each only once; None if there is none.

        It has the same product, account and range without a filter, and was requested when no more
        calls of the range could appear.
        """
        reports = self._reports.get((product, window.start, window.end))
        return reports.pop() if reports else None

    def note(self, report: Report) -> None:
        """Record a report that this run requested: it is not that of a lost response."""
        self._known.add(report.id)

    def made_since(
        self,
        listed: Iterable[Mapping[str, Any]],
        product: str,
        window: Window,
        since: datetime,
    ) -> Report | None:
        """Return the report of a request whose response was lost; None if there is none.

        It did not exist when the run began, and no other request has created it.

        Args:
            listed: The current reports.
            product: The requested product.
            window: The requested range.
            since: The earliest time at which Vonage received the request.
        """
        for fields in listed:
            received = time_of(fields, "receive_time")
            is_new = (
                str(fields.get("request_id")) not in self._known and (received or since) >= since
            )
            if is_new and self._is_unfiltered(fields) and _is_of(fields, product, window):
                report = Report.from_json(fields.get)
                self.note(report)
                return report
        return None

    def _is_reusable(self, fields: Mapping[str, Any]) -> bool:
        """Return whether a report has all calls of its range, also those that appeared late."""
        received, end = time_of(fields, "receive_time"), time_of(fields, "date_end")
        is_late = received is not None and end is not None and received - end >= self._lookback
        return is_late and fields.get("request_status") in USABLE and self._is_unfiltered(fields)

    def _is_unfiltered(self, fields: Mapping[str, Any]) -> bool:
        return fields.get("account_id") == self._account_id and not is_narrowed(fields)


def _content_of(fields: Mapping[str, Any]) -> tuple[object, ...]:
    return str(fields.get("product")), time_of(fields, "date_start"), time_of(fields, "date_end")


def _is_of(fields: Mapping[str, Any], product: str, window: Window) -> bool:
    """Return whether a report is of a product and a range, to the second."""
    name, *edges = fields.get("product"), time_of(fields, "date_start"), time_of(fields, "date_end")
    pairs = zip(edges, (window.start, window.end), strict=True)
    return name == product and all(time and abs(time - edge) < SECOND for time, edge in pairs)
