"""What Vonage tells of an asynchronous report, and which earlier one can stand for a new one.

Pure. Source: Vonage Reports API reference, get-report and list-reports.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_voicecalls.answers import whole_number
from tap_voicecalls.errors import BadAnswer
from tap_voicecalls.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime, timedelta

    from tap_voicecalls.windows import Window

RUNNING = frozenset({"PENDING", "PROCESSING"})
"""The report is not ready yet."""
USABLE = (*sorted(RUNNING), "SUCCESS", "TRUNCATED")
"""What another run can go on with."""

# What is told of every report. Whatever else is set narrows it: `direction`, `status`, `network`,
# `from`, `to` and more, and the accounts below this one widen it.
_OF_EVERY_REPORT = {
    "request_id",
    "request_status",
    "product",
    "account_id",
    "date_start",
    "date_end",
    "callback_url",
    "receive_time",
    "start_time",
    "items_count",
    "_links",
    # Older answers, as the API's first guides show them.
    "start_date",
    "end_date",
    "file_id",
    "url",
    "self_link",
}
_NOT_SET = {None, False, "", "false"}


@dataclass(frozen=True, slots=True)
class Report:
    """A report, as far as the server has told.

    Attributes:
        id: By which it is asked after.
        status: PENDING, PROCESSING, SUCCESS, ABORTED, FAILED or TRUNCATED.
        rows: How many its file holds, once that is known.
        file: The address of its file, once it has one.
    """

    id: str
    status: str
    rows: int | None
    file: str | None

    @classmethod
    def told(cls, get: Callable[[str], Any]) -> Report:
        """Read a report.

        Args:
            get: Returns what is told under a name, or None.

        Raises:
            BadAnswer: It cannot be asked after.
        """
        match get("request_id"):
            case str(name) if name:
                count, file = whole_number(get("items_count")), _file(get("_links"))
                return cls(name, str(get("request_status")), count, file)
            case _:
                msg = "the server tells of a report without a `request_id`"
                raise BadAnswer(msg)


def _file(links: object) -> str | None:
    match links:
        case {"download_report": {"href": str(address)}}:
            return address
        case _:
            return None


class Kept:
    """The reports of earlier runs that may stand for one that would be asked for.

    A report does if it is of the same product, account and range, and of all its calls, and was
    asked for when no more of them could appear.

    Args:
        told: The reports as listed.
        account_id: Whose calls are wanted.
        lookback: How late calls may appear.
    """

    def __init__(
        self, told: Iterable[Mapping[str, Any]], account_id: str, lookback: timedelta
    ) -> None:
        found = [
            (received, fields)
            for fields in told
            if fields.get("account_id") == account_id
            and _is_whole(fields)
            and (received := _received_late(fields, lookback))
        ]
        # The newest is taken first, so it stands last.
        found.sort(key=lambda each: each[0])
        self._reports = defaultdict[tuple[object, ...], list[Report]](list)
        for _, fields in found:
            key = (fields.get("product"), _time(fields, "date_start"), _time(fields, "date_end"))
            self._reports[key].append(Report.told(fields.get))

    def take(self, product: str, window: Window) -> Report | None:
        """Return a report, each only once; None if there is none."""
        found = self._reports.get((product, window.start, window.end))
        return found.pop() if found else None


def _is_whole(fields: Mapping[str, Any]) -> bool:
    """Tell whether a report may be used as it is: it is of all calls of its range."""
    others = (value for name, value in fields.items() if name not in _OF_EVERY_REPORT)
    is_narrowed = any(isinstance(value, list | dict) or value not in _NOT_SET for value in others)
    return fields.get("request_status") in USABLE and not is_narrowed


def _received_late(fields: Mapping[str, Any], lookback: timedelta) -> datetime | None:
    """Return when a report was asked for, unless calls of its range could still appear then."""
    received, end = _time(fields, "receive_time"), _time(fields, "date_end")
    return received if received and end and received - end >= lookback else None


def _time(fields: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return parse_time(fields.get(name, ""))
    except (TypeError, ValueError):
        return None
