"""An asynchronous report as Vonage describes it. Pure.

Source: Vonage Reports API reference, get-report and list-reports.
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
"""Another run can reuse the report."""
STATUSES = (*USABLE, "ABORTED", "FAILED")
"""All statuses of a report."""

_SUBACCOUNTS = "include_subaccounts"
# Fields of every report. Any other field that is set filters its calls, such as `direction`,
# `status`, `network`, `from` or `to`, or adds those of subaccounts.
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
# Fields of another form of response, which an undated page of the reference shows.
_OTHER_FORM = {"status", "download_url", "request_params"}
SECOND = timedelta(seconds=1)
"""The precision of the dates of a report."""


def in_known_form(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description of a report in the form that has `request_status`.

    If there is a `request_status`, `status` is a filter of the calls.
    """
    description = dict(fields)
    if description.get("request_status") is None and isinstance(description.get("status"), str):
        description["request_status"] = description.pop("status")
    if isinstance(params := description.pop("request_params", None), dict):
        description = params | {
            name: value for name, value in description.items() if value is not None
        }
    if isinstance(address := description.pop("download_url", None), str) and address:
        links = description.get("_links")
        own = links if isinstance(links, dict) else {}
        description["_links"] = {"download_report": {"href": address}} | own
    if isinstance(status := description.get("request_status"), str):
        description["request_status"] = status.strip().upper()
    return description


@dataclass(frozen=True, slots=True)
class Report:
    """A report, as the server last described it.

    Attributes:
        id: Its `request_id`.
        status: PENDING, PROCESSING, SUCCESS, ABORTED, FAILED or TRUNCATED.
        rows: The number of rows in its file; None until it is known.
        file: The address of its file; None until there is one.
    """

    id: str
    status: str
    rows: int | None
    file: str | None

    @classmethod
    def from_json(cls, get: Callable[[str], Any]) -> Report:
        """Read a report, in either form.

        Args:
            get: Returns a field of the response, or None.

        Raises:
            BadAnswer: The report has no id.
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
    """Return the description of a report in a response, in the form that has `request_status`."""
    names = _OF_EVERY_REPORT | _OTHER_FORM | {_SUBACCOUNTS}
    return in_known_form({name: get(name) for name in names})


def is_narrowed(fields: Mapping[str, Any]) -> bool:
    """Return whether a report has other calls than all of its product, account and range."""
    others = (value for name, value in fields.items() if name not in _OF_EVERY_REPORT)
    return any(isinstance(each, list | dict) or each not in _NOT_SET for each in others)


def difference(
    fields: Mapping[str, Any], product: str, account_id: str, window: Window
) -> str | None:
    """Return in what a report differs from the requested one.

    Its dates have whole seconds.

    Returns:
        "product", "account" or "range"; None if no field of the description differs.
    """
    if is_other_product(fields.get("product"), product):
        return "product"
    account = fields.get("account_id")
    with_others = str(fields.get(_SUBACCOUNTS)).lower() == "true"
    if with_others or (isinstance(account, str) and account not in {"", account_id}):
        return "account"
    for name, edge in (("date_start", window.start), ("date_end", window.end)):
        if (reported := time_of(fields, name)) and abs(reported - edge) >= SECOND:
            return "range"
    return None


def _file(links: object) -> str | None:
    match links:
        case {"download_report": {"href": str(address)}}:
            return address
        case _:
            return None


def time_of(fields: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time of a report; None if it is missing or cannot be parsed."""
    try:
        return parse_time(fields.get(name) or "")
    except (AttributeError, TypeError, ValueError):
        return None
