"""What Vonage tells of an asynchronous report.

Pure. Source: Vonage Reports API reference, get-report and list-reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.times import parse_time
from tap_voicecalls.http.answers import whole_number
from tap_voicecalls.providers.vonage.products import is_other_product

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tap_voicecalls.common.windows import Window

RUNNING = frozenset({"PENDING", "PROCESSING"})
"""The report is not ready yet."""
USABLE = (*sorted(RUNNING), "SUCCESS", "TRUNCATED")
"""What another run can go on with."""
STATUSES = (*USABLE, "ABORTED", "FAILED")
"""All that a report can be in."""

_SUBACCOUNTS = "include_subaccounts"
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
# What another form of the API's answers has, as an undated page of its reference shows them.
_OTHER_FORM = {"status", "download_url", "request_params"}
SECOND = timedelta(seconds=1)
"""How exact the dates of a report are told."""


def in_known_form(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of a report in the form that has `request_status`, whichever it came in.

    Beside a `request_status`, `status` is a filter of the calls.
    """
    found = dict(fields)
    if found.get("request_status") is None and isinstance(found.get("status"), str):
        found["request_status"] = found.pop("status")
    if isinstance(params := found.pop("request_params", None), dict):
        found = params | {name: value for name, value in found.items() if value is not None}
    if isinstance(address := found.pop("download_url", None), str) and address:
        links = found.get("_links")
        own = links if isinstance(links, dict) else {}
        found["_links"] = {"download_report": {"href": address}} | own
    if isinstance(status := found.get("request_status"), str):
        found["request_status"] = status.strip().upper()
    return found


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
    def from_json(cls, get: Callable[[str], Any]) -> Report:
        """Read a report, in either form.

        Args:
            get: Returns what is told under a name, or None.

        Raises:
            BadAnswer: It cannot be asked after.
        """
        fields = fields_of(get)
        match fields.get("request_id"):
            case str(name) if name:
                count, file = whole_number(fields.get("items_count")), _file(fields.get("_links"))
                return cls(name, str(fields.get("request_status")), count, file)
            case _:
                msg = "response describes a report without a `request_id`"
                raise BadAnswer(msg)


def fields_of(get: Callable[[str], Any]) -> dict[str, Any]:
    """Return what an answer tells of a report itself, in the form that has `request_status`."""
    names = _OF_EVERY_REPORT | _OTHER_FORM | {_SUBACCOUNTS}
    return in_known_form({name: get(name) for name in names})


def is_narrowed(fields: Mapping[str, Any]) -> bool:
    """Tell whether a report is not of just all calls of its product, account and range."""
    others = (value for name, value in fields.items() if name not in _OF_EVERY_REPORT)
    return any(isinstance(each, list | dict) or each not in _NOT_SET for each in others)


def difference(
    fields: Mapping[str, Any], product: str, account_id: str, window: Window
) -> str | None:
    """Say in what a report is another than was asked for, going by what is told of it.

    Dates are told in whole seconds.

    Returns:
        "product", "account" or "range"; None if nothing that is told differs.
    """
    if is_other_product(fields.get("product"), product):
        return "product"
    account = fields.get("account_id")
    with_others = str(fields.get(_SUBACCOUNTS)).lower() == "true"
    if with_others or (isinstance(account, str) and account not in {"", account_id}):
        return "account"
    for name, edge in (("date_start", window.start), ("date_end", window.end)):
        if (told := time_of(fields, name)) and abs(told - edge) >= SECOND:
            return "range"
    return None


def _file(links: object) -> str | None:
    match links:
        case {"download_report": {"href": str(address)}}:
            return address
        case _:
            return None


def time_of(fields: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time that is told of a report; None if it is not, or in no way that can be read."""
    try:
        return parse_time(fields.get(name) or "")
    except (AttributeError, TypeError, ValueError):
        return None
