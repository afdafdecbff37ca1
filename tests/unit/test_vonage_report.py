"""Reports of an earlier run that can be reused, instead of paying for new ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tap_voicecalls.common.errors import BadAnswer
from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.vonage.reports.report import Report
from tap_voicecalls.providers.vonage.reports.reusable import ReusableReports

MARCH = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
# As the API formats it: whole seconds, and an offset without a colon.
LISTED: dict[str, Any] = {
    "request_id": "a",
    "request_status": "SUCCESS",
    "product": "VOICE-CALL",
    "account_id": "abcd1234",
    "date_start": "2026-03-01T00:00:00+0000",
    "date_end": "2026-04-01T00:00:00+0000",
    "include_subaccounts": False,
    "callback_url": None,
    "receive_time": "2026-04-02T00:00:00+0000",
    "start_time": "2026-04-02T00:00:01+0000",
    "items_count": 7,
    "_links": {"download_report": {"href": "https://api.nexmo.com/v3/media/b"}},
}


def taken(*listed: dict[str, Any], lookback: float = 24) -> Report | None:
    """Return what of some reports is used for March's calls."""
    reusable = ReusableReports(listed, "abcd1234", timedelta(hours=lookback))
    return reusable.take("VOICE-CALL", MARCH)


@pytest.mark.parametrize(
    "wording",
    [
        {},
        {"request_status": "PENDING"},
        {"request_status": "PROCESSING"},
        {"request_status": "TRUNCATED"},
        {"date_start": "2026-03-01T01:00:00+01:00", "date_end": "2026-03-31T19:00:00.000-0500"},
        {"include_subaccounts": "false", "direction": None, "status": ""},
    ],
)
def test_a_report_of_the_same_calls_is_reused(wording: dict[str, Any]) -> None:
    """A report that is not recognized for its format is paid for a second time."""
    found = taken(LISTED | wording)

    assert found is not None
    assert found.id == "a"
    assert found.status == wording.get("request_status", "SUCCESS")
    assert found.file == "https://api.nexmo.com/v3/media/b"
    assert found.rows == 7


@pytest.mark.parametrize(
    "difference",
    [
        {"product": "VOICE-FAILED"},
        {"account_id": "dcba4321"},
        {"date_start": "2026-03-01T00:00:01+0000"},
        {"date_start": None},
        {"date_end": "2026-03-31T23:59:59+0000"},
        {"date_end": "soon"},
        {"include_subaccounts": True},
        {"include_subaccounts": "true"},
        {"direction": "inbound"},
        {"status": "answered"},
        {"network": "23415"},
        {"from": "441632960960"},
        {"to": ["441632960960"]},
        {"a_filter_of_tomorrow": "x"},
        {"request_status": "FAILED"},
        {"request_status": "ABORTED"},
        {"receive_time": "2026-04-01T23:59:59+0000"},
        {"receive_time": None},
    ],
)
def test_a_report_of_other_calls_is_not_reused(difference: dict[str, Any]) -> None:
    """A report of fewer or other calls, or made when some could still appear, would lose some."""
    assert taken(LISTED | difference) is None


def test_the_newest_report_is_reused_first_and_each_once() -> None:
    """Of several the newest is reusable longest; one that failed its order is not taken again."""
    reusable = ReusableReports(
        [
            LISTED | {"request_id": name, "receive_time": f"2026-04-{day}T00:00:00+0000"}
            for name, day in (("old", "03"), ("new", "05"), ("middle", "04"))
        ],
        "abcd1234",
        timedelta(hours=24),
    )

    found = [reusable.take("VOICE-CALL", MARCH) for _ in range(4)]

    assert [report and report.id for report in found] == ["new", "middle", "old", None]


@pytest.mark.parametrize("name", [None, "", 5])
def test_a_report_without_an_id_is_refused(name: object) -> None:
    """Asking after a report without an id would ask after all of them."""
    with pytest.raises(BadAnswer, match="request_id"):
        Report.from_json({"request_id": name, "request_status": "PENDING"}.get)
