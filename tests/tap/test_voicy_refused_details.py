"""Voicy: details of a call that are refused take nothing from the other calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_calls import Voicy, ago
from support import Output, parsed, run_tap

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

START = ago(hours=5)
REFUSALS: dict[str, tuple[int, object]] = {
    "gone for good": (410, {"error": "deleted on request"}),
    "bad request": (400, {"error": "cannot be read"}),
    "forbidden": (403, {"error": "of another team"}),
    "unprocessable": (422, {"error": "broken"}),
    "server error": (500, {"error": "broken"}),
    "no id": (200, {"summary": "of what?"}),
    "no object": (200, ["c-2"]),
    "null": (200, None),
    "no JSON": (200, b"<html>sorry</html>"),
    "another call": (200, {"call_id": "c-9"}),
}


@pytest.fixture
def voicy(httpserver: HTTPServer) -> Voicy:
    """A Voicy without calls."""
    return Voicy(httpserver)


def ids(output: Output, stream: str) -> list[str]:
    """Return the ids of a stream's records, sorted."""
    return sorted(record["call_id"] for record in output.records(stream))


def bookmark(output: Output) -> str:
    """Return the bookmark of the details."""
    (partition,) = output.state["bookmarks"]["voicy_call_details"]["partitions"]
    return str(partition.get("replication_key_value", ""))


def failing(
    config: dict[str, Any],
    capsysbinary: pytest.CaptureFixture[bytes],
    state: dict[str, Any] | None = None,
) -> tuple[Output, str]:
    """Run to a failure, and return what came out and what failed."""
    with pytest.raises(RunError) as caught:
        TapVoiceCalls(config=config, state=state).sync_all()
    return parsed(capsysbinary.readouterr().out), "; ".join(caught.value.failures)


@pytest.mark.parametrize("kind", REFUSALS)
def test_one_refused_call_does_not_stop_the_others(
    voicy: Voicy, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One deleted call would leave the account without details, and without calls, for good."""
    for number in range(1, 4):
        voicy.add(f"c-{number}", START)
    voicy.gets["c-2"] = REFUSALS[kind]

    output = run_tap(voicy.config(start_date=ago(hours=20).isoformat()))

    assert ids(output, "voicy_call_details") == ["c-1", "c-3"]
    assert ids(output, "calls") == ["c-1", "c-2", "c-3"]
    (refused,) = (call for call in output.records("calls") if call["call_id"] == "c-2")
    assert (refused["status"], refused["duration_seconds"]) == ("completed", 31)
    assert (refused["has_transcript"], refused["has_recording"]) == (None, None)
    assert bookmark(output) > START.isoformat()
    assert "no details of call 'c-2'" in caplog.text
    assert "the details of 1 calls were refused" in caplog.text


def test_a_deleted_call_is_in_calls(voicy: Voicy, caplog: pytest.LogCaptureFixture) -> None:
    """A call that was listed and deleted a moment later did happen, and is counted."""
    voicy.add("c-1", START)
    voicy.gets["c-1"] = (404, {"error": "Call not found"})

    output = run_tap(voicy.config(start_date=ago(hours=20).isoformat()))

    assert ids(output, "voicy_call_details") == []
    assert ids(output, "calls") == ["c-1"]
    assert "no longer exists" in caplog.text
    assert "requests the details again" not in caplog.text


def test_refused_details_are_requested_again(voicy: Voicy) -> None:
    """Details that are refused today and come tomorrow would be missing for ever."""
    voicy.add("c-1", ago(days=3))
    voicy.add("c-2", ago(days=3))
    voicy.gets["c-2"] = REFUSALS["server error"]
    config = voicy.config(start_date=ago(days=4).isoformat(), lookback_hours=1)
    first = run_tap(config)
    assert voicy.details == ["c-1", "c-2"]

    second = run_tap(config, state=first.state)
    assert (voicy.details, ids(second, "voicy_call_details")) == (["c-2"], [])

    del voicy.gets["c-2"]
    third = run_tap(config, state=second.state)
    assert (voicy.details, ids(third, "voicy_call_details")) == (["c-2"], ["c-2"])
    assert ids(third, "calls") == ["c-2"]

    fourth = run_tap(config, state=third.state)
    assert (voicy.details, ids(fourth, "voicy_call_details")) == ([], [])


def test_a_refused_call_is_given_up_after_a_week(
    voicy: Voicy, caplog: pytest.LogCaptureFixture
) -> None:
    """A call that never comes would cost a request in each run of all years."""
    voicy.add("c-1", ago(days=30))
    state = {"details_refused": {"c-1": ago(days=8).isoformat()}}
    place = {"context": {"account": "default"}, "replication_key_value": ago(days=2).isoformat()}
    bookmarks = {"voicy_call_details": {"partitions": [{**place, **state}]}}
    config = voicy.config(start_date=ago(days=40).isoformat(), lookback_hours=1)

    again = run_tap(config, state={"bookmarks": bookmarks})

    assert voicy.details == []
    (partition,) = again.state["bookmarks"]["voicy_call_details"]["partitions"]
    assert partition["details_refused"] == {}
    assert "are not requested again" in caplog.text


@pytest.mark.parametrize("status", [401, 403, 429, 500])
@pytest.mark.parametrize("calls", [2, 40])
def test_an_account_whose_details_are_all_refused_is_an_error(
    voicy: Voicy, capsysbinary: pytest.CaptureFixture[bytes], status: int, calls: int
) -> None:
    """A key that may list and not read details must not end in a moved bookmark and exit code 0."""
    for number in range(calls):
        voicy.add(f"c-{number}", ago(hours=5, seconds=number))
        voicy.gets[f"c-{number}"] = (status, {"error": "no"})

    config = voicy.config(start_date=ago(hours=20).isoformat(), max_retry_seconds=3)

    output, failures = failing(config, capsysbinary)

    assert str(status) in failures
    assert "details of" in failures
    assert bookmark(output) == ""
    assert len(voicy.details) < 30

    again, _ = failing(config, capsysbinary, state=output.state)
    assert bookmark(again) == ""


def test_refused_details_of_half_the_calls_are_an_error(
    voicy: Voicy, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A provider that refuses every other call has a fault that is not of single calls."""
    for number in range(60):
        voicy.add(f"c-{number:02}", ago(hours=5, seconds=-number))
        if number % 5:
            voicy.gets[f"c-{number:02}"] = REFUSALS["gone for good"]

    output, failures = failing(voicy.config(start_date=ago(hours=20).isoformat()), capsysbinary)

    assert "410 Gone" in failures
    assert bookmark(output) == ""


def test_an_id_in_the_log_is_printable(voicy: Voicy, caplog: pytest.LogCaptureFixture) -> None:
    """An id with a newline and an escape would forge a line of the log."""
    voicy.add("c-1", START)
    voicy.add("c-2\n\x1b[31mERROR all is lost", START)
    voicy.gets["c-2\n\x1b[31mERROR all is lost"] = REFUSALS["gone for good"]

    output = run_tap(voicy.config(start_date=ago(hours=20).isoformat()))

    assert len(output.records("calls")) == 2
    (line,) = (each.message for each in caplog.records if "no details of call" in each.message)
    assert r"'c-2\n\x1b[31mERROR" in line
    assert "\n" not in line
