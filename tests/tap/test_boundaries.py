"""Calls on the boundaries of windows, runs and pages: each is written exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support import END, START, Record, configuration, run_tap, simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_voicecalls.simulator import Simulator

# Each stream with its provider, its id field, and the length of its windows.
WINDOWED = {
    "vonage_voice_reports": ("vonage", "id", timedelta(hours=24)),
    "voicy_calls": ("voicy", "call_id", timedelta(days=7)),
    "voicy_call_details": ("voicy", "call_id", timedelta(days=1)),
    "burki_calls": ("burki", "id", timedelta(days=7)),
}
LONG_END = START + timedelta(days=15)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator that has only the calls that a test adds."""
    with simulator(end=LONG_END, calls_per_day=0) as made:
        yield made


def add_calls(served: Simulator, provider: str, *starts: datetime) -> None:
    """Add two calls at each start to the simulator."""
    for start in starts:
        for _ in range(2):
            call = served.world.make_call(provider, start=start, duration=60)
            served.world.calls(provider).append(call)


def ids(records: list[dict[str, Any]], name: str) -> list[str]:
    """Return the ids of records, sorted."""
    return sorted(str(record[name]) for record in records)


@pytest.mark.parametrize("stream", WINDOWED)
@pytest.mark.parametrize("inclusive", [True, False])
def test_calls_on_window_boundaries_come_once(
    served: Simulator, stream: str, *, inclusive: bool
) -> None:
    """Calls right before, on and after a boundary come once, whether the filter is inclusive."""
    provider, name, length = WINDOWED[stream]
    served.options["voicy_inclusive"] = inclusive
    tick = timedelta(milliseconds=1) if provider != "vonage" else timedelta(seconds=1)
    border = START + length
    add_calls(served, provider, START, border - tick, border, border + tick, LONG_END - tick)

    records = run_tap(configuration(served, provider, end_date=LONG_END.isoformat())).records(
        stream
    )

    assert len(records) == 10
    assert ids(served.records(stream), name) == ids(records, name)


@pytest.mark.parametrize("stream", WINDOWED)
def test_bounds_are_half_open(served: Simulator, stream: str) -> None:
    """A call at `start_date` is read; one at `end_date` belongs to the run that starts there."""
    provider, _, _ = WINDOWED[stream]
    add_calls(
        served, provider, START - timedelta(seconds=1), START, END - timedelta(seconds=1), END
    )

    records = run_tap(configuration(served, provider)).records(stream)

    assert len(records) == 4


def test_detail_record_made_after_the_end_is_read(served: Simulator) -> None:
    """A call that started before `end_date` and ended after it belongs to the backfill."""
    call = served.world.make_call("telnyx", start=END - timedelta(minutes=1), duration=600)
    served.world.calls("telnyx").append(call)
    add_calls(served, "telnyx", END)

    records = run_tap(configuration(served, "telnyx")).records("telnyx_detail_records")

    assert len(records) == 1


@pytest.mark.parametrize("option", ["voicy_bare_array", "burki_bare_array"])
def test_older_servers_answer_bare_arrays(option: str) -> None:
    """The first version of two APIs has no envelope; its lists are read to the end as well."""
    provider = option.split("_", maxsplit=1)[0]
    with simulator() as served:
        served.options[option] = True
        served.page_sizes[provider] = 9
        records = run_tap(configuration(served, provider)).records(f"{provider}_calls")

        assert len(served.records(f"{provider}_calls")) == len(records) > 9


def test_server_that_caps_pages_below_the_limit_is_read_whole() -> None:
    """A page shorter than requested is not the last one: a server may cap its pages."""
    with simulator() as served:
        served.page_sizes.update({"burki": 3, "voicy": 3, "telnyx": 3})
        output = run_tap(configuration(served, "burki", "voicy", "telnyx"))

        for stream in ("burki_calls", "voicy_calls", "telnyx_detail_records"):
            assert len(served.records(stream)) == len(output.records(stream))


def test_older_product_names_are_read_once() -> None:
    """SIP and VOICE-CALL are one product: naming both must not charge the user twice."""
    with simulator() as served:
        config = configuration(served, "vonage")
        config["vonage"]["products"] = ["SIP", "VOICE-CALL", "TTS"]
        run_tap(config)

        products = [dict(request.query)["product"] for request in served.requests]
        assert {"VOICE-CALL", "VOICE-TTS"} == set(products)
        assert products.count("VOICE-CALL") == products.count("VOICE-TTS") == 4


def test_reports_named_by_id_are_fetched_whatever_their_time(served: Simulator) -> None:
    """`telnyx.call_ids` fetches calls from before `start_date`; listed ones come only once."""
    add_calls(served, "telnyx", START - timedelta(days=30), START + timedelta(hours=1))
    known: list[Record] = served.records("telnyx_call_reports")
    config = configuration(served, "telnyx")
    config["telnyx"]["call_ids"] = [*{report["call_id"] for report in known}, "no-such-call"]

    records = run_tap(config).records("telnyx_call_reports")

    assert ids(known, "call_id") == ids(records, "call_id")


def test_an_array_that_looks_capped_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Ovia does not say that its array is cut off; the same round number twice is a sign of it."""
    with simulator() as served:
        served.options["ovia_cap"] = 50
        config = configuration(served, "ovia")
        state = run_tap(config).state
        assert "capped" not in caplog.text

        run_tap(config, state=state)

    assert "lists exactly 50 calls again: the list may be capped" in caplog.text


def test_a_lookback_beyond_the_calendar_reads_everything_again() -> None:
    """A lookback of millions of years, or a call from the year 9999, is no traceback."""
    with simulator() as served:
        config = configuration(served, "burki", lookback_hours=1e12)
        far = END.replace(year=9999, month=12, day=31)
        served.world.calls("burki").append(served.world.make_call("burki", start=far, duration=1))
        first = run_tap(config)

        again = run_tap(config, state=first.state)

    assert first.records("burki_calls") == again.records("burki_calls") != []
