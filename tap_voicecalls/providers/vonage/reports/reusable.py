"""Which report that is listed can stand for one that would be asked, and paid, for. Pure."""

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
    """The reports that are listed, and which of them may stand for one that is wanted.

    Args:
        listed: The reports that there were when the run began, in the form with `request_status`.
        account_id: Whose calls are wanted.
        lookback: How late calls may appear.
    """

    def __init__(
        self, listed: Iterable[Mapping[str, Any]], account_id: str, lookback: timedelta
    ) -> None:
        self._account_id = account_id
        self._lookback = lookback
        # The newest is taken first, so it stands last.
        found = sorted(listed, key=lambda fields: time_of(fields, "receive_time") or EPOCH)
        self._known = {str(fields.get("request_id")) for fields in found}
        self._reports = defaultdict[tuple[object, ...], list[Report]](list)
        for fields in filter(self._may_stand, found):
            self._reports[_wanted_by(fields)].append(Report.from_json(fields.get))

    def take(self, product: str, window: Window) -> Report | None:
        """Return a report of an earlier run, each only once; None if there is none.

        It is of the same product, account and range, and of all its calls, and was asked for when
        no more of them could appear.
        """
        found = self._reports.get((product, window.start, window.end))
        return found.pop() if found else None

    def note(self, report: Report) -> None:
        """Take note of a report that this run asked for: it was not made by a lost request."""
        self._known.add(report.id)

    def made_since(
        self,
        listed: Iterable[Mapping[str, Any]],
        product: str,
        window: Window,
        since: datetime,
    ) -> Report | None:
        """Return the report that a request has made whose answer was lost; None if there is none.

        It is one that was not there when the run began, and that no other request has made.

        Args:
            listed: The reports that there are now.
            product: The product that was asked for.
            window: The range that was asked for.
            since: It was received at this time or later.
        """
        for fields in listed:
            received = time_of(fields, "receive_time")
            is_new = (
                str(fields.get("request_id")) not in self._known and (received or since) >= since
            )
            if is_new and self._is_whole(fields) and _is_of(fields, product, window):
                report = Report.from_json(fields.get)
                self.note(report)
                return report
        return None

    def _may_stand(self, fields: Mapping[str, Any]) -> bool:
        """Tell whether a report may be used as it is: it has all that ever will be of its range."""
        received, end = time_of(fields, "receive_time"), time_of(fields, "date_end")
        is_late = received is not None and end is not None and received - end >= self._lookback
        return is_late and fields.get("request_status") in USABLE and self._is_whole(fields)

    def _is_whole(self, fields: Mapping[str, Any]) -> bool:
        return fields.get("account_id") == self._account_id and not is_narrowed(fields)


def _wanted_by(fields: Mapping[str, Any]) -> tuple[object, ...]:
    return str(fields.get("product")), time_of(fields, "date_start"), time_of(fields, "date_end")


def _is_of(fields: Mapping[str, Any], product: str, window: Window) -> bool:
    """Tell whether a report is of a product and a range, as far as whole seconds tell."""
    name, *edges = fields.get("product"), time_of(fields, "date_start"), time_of(fields, "date_end")
    pairs = zip(edges, (window.start, window.end), strict=True)
    return name == product and all(told and abs(told - edge) < SECOND for told, edge in pairs)
