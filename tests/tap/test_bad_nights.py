"""Faults of real APIs, and how the tap handles them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers import PROVIDERS as DECLARED
from tap_voicecalls.simulator import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

ASKING = ["429-seconds", "429-date", "429-reset", "503"]
LATE = {"slow", "stall"}
# Faults that change a record, so that it may be written twice: changed and unchanged.
CHANGES = {"nan", "huge-integer"}
PROVIDERS = registry.NAMES
LONG = 600  # seconds until a hanging test fails; no test waits that long


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator of some pages of calls that asks for short waits."""
    with simulator(calls_per_day=5) as made:
        made.options |= {
            "slow_seconds": 0.5,
            "stall_seconds": LONG,
            "retry_after_seconds": 0.15,
            "drip_seconds": 0.001,
            "continue_seconds": 0.001,
        }
        yield made


def impatient(served: Simulator, *providers: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a configuration with few tries, but a long timeout for responses."""
    return configuration(served, *providers, **({"read_timeout": LONG, "max_tries": 6} | settings))


STREAMS = registry.SELECTED
PRODUCTS = {"products": ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"]}


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_passing_fault_loses_no_record(served: Simulator, kind: str, concurrency: int) -> None:
    """After a fault that occurs once at each provider, every call is read exactly once."""
    # Some APIs forbid redirects, which are then an error: `test_redirects.py`.
    follows = {each.name for each in DECLARED if each.follows_redirects}
    faulty = follows if kind == "redirect-same" else {*PROVIDERS}
    for provider in faulty:
        served.script(provider, kind)
    # A date has whole seconds: one that is over when it comes asks for no pause.
    served.options["retry_after_seconds"] = -1 if kind == "429-date" else 0.02

    # An honest answer may be late as well, where the machine has other things to do.
    soon = {"read_timeout": 0.2, "max_tries": 100} if kind in LATE else {}
    output = run_tap(impatient(served, concurrency=concurrency, **soon))

    assert served.injected[kind] == len(faulty)
    for stream in STREAMS:
        known = served.records(stream, **(PRODUCTS if "vonage" in stream else {}))
        keys = registry.STREAMS[stream].primary_keys
        found = [tuple(record[key] for key in keys) for record in output.records(stream)]
        assert len(known) == len(set(found)) > 0
        assert len(found) == len(set(found)) or kind in CHANGES


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("kind", ASKING)
def test_no_request_is_sent_during_a_requested_pause(
    served: Simulator, kind: str, concurrency: int
) -> None:
    """All threads of the account observe a pause that the server asks for.

    Each other thread may have one request in flight when the response arrives, but not two.
    """
    served.options["under_way_seconds"] = 0
    # A date has whole seconds, so that one provider after the other would take some.
    asking = PROVIDERS[:1] if kind == "429-date" else PROVIDERS
    for provider in asking:
        served.script(provider, kind)

    run_tap(impatient(served, *asking, concurrency=concurrency))

    assert served.injected[kind] == len(asking)
    assert max(served.early_requests.values(), default=0) < concurrency


def test_rate_limit_is_kept_over_all_threads(served: Simulator) -> None:
    """A provider's published rate is never exceeded, whatever the concurrency.

    The test checks the total time, since requests may arrive in bursts on a busy machine.
    """
    config = impatient(served, "vonage", concurrency=8)
    config["vonage"]["requests_per_second"] = rate = 20
    began = time.monotonic()

    run_tap(config)

    requests = len(served.requests)
    assert requests > 8
    assert time.monotonic() - began >= (requests - 1) / rate


def failure_of(config: dict[str, Any]) -> str:
    """Run a tap that must fail, and return its first error."""
    with pytest.raises(RunError) as caught:
        run_tap(config)
    return caught.value.failures[0]


def test_a_lasting_fault_ends_in_one_line(served: Simulator) -> None:
    """The line names the settings that allow more retries."""
    served.script("ovia", *["502"] * 20)

    line = failure_of(impatient(served, "ovia"))

    assert "ovia (account default), ovia_calls: 502 Bad Gateway" in line
    assert "`max_tries`" in line
    assert served.injected["502"] == 6


def test_a_refused_connection_is_one_clear_line(served: Simulator) -> None:
    """An unreachable server is a clear error, not a traceback."""
    config = impatient(served, "ovia", max_tries=3)
    served.stop()

    line = failure_of(config)

    assert "ovia_calls: connection refused; check the network and `base_url`; gave up" in line


def test_a_pause_above_the_limit_fails_immediately(served: Simulator) -> None:
    """The tap does not wait when a server asks for a pause of a day."""
    served.options["retry_after_seconds"] = 86_400
    served.script("voicy", "429-seconds")

    line = failure_of(impatient(served, "voicy", max_retry_seconds=60))

    assert "429 Too Many Requests" in line
    assert "`max_retry_seconds`" in line
    assert served.early_requests == {}


@pytest.mark.parametrize("kind", ["redirect-away"])
def test_a_redirect_to_another_origin_is_rejected(served: Simulator, kind: str) -> None:
    """No request, and so no key, is sent to the other origin."""
    served.script("burki", kind)

    line = failure_of(impatient(served, "burki"))

    assert "another origin" in line
    assert "`base_url`" in line
    assert served.foreign_requests == []


def test_a_next_link_to_another_origin_is_rejected(served: Simulator) -> None:
    """Links in a response are checked like redirects."""
    served.options["vonage_next_link_away"] = True
    served.page_sizes["vonage"] = 2

    assert "another origin" in failure_of(impatient(served, "vonage"))
    assert served.foreign_requests == []
    assert not served.foreign_got_key


@pytest.mark.parametrize(
    ("provider", "option", "value", "expected"),
    [
        ("burki", "burki_total_off", 3, "the server reports"),
        ("voicy", "voicy_total_off", 3, "the server reports"),
        ("vonage", "vonage_cursor_loops", True, "pagination loop"),
        ("burki", "burki_ignores_skip", True, "and repeated a page"),
    ],
)
def test_an_inconsistent_list_is_rejected(
    served: Simulator, provider: str, option: str, value: object, expected: str
) -> None:
    """A list with fewer records than its total, or with repeated pages, is never complete."""
    served.options[option] = value
    served.page_sizes[provider] = 2

    assert expected in failure_of(impatient(served, provider, max_tries=6))


@pytest.mark.parametrize(
    ("provider", "stream"),
    [
        ("vonage", "vonage_voice_reports"),
        ("telnyx", "telnyx_call_reports"),
        ("telnyx", "telnyx_detail_records"),
        ("burki", "burki_calls"),
        ("voicy", "voicy_calls"),
    ],
)
def test_an_empty_page_does_not_end_a_list(served: Simulator, provider: str, stream: str) -> None:
    """If the server reports more records, an empty page never ends the list silently."""
    served.page_sizes[provider] = 2
    config = configuration(served, provider)
    catalog = catalog_of(config, **{name: name == stream for name in STREAMS})
    whole = {str(key(record)) for record in run_tap(config, catalog=catalog).records(stream)}
    served.options["empty_page_at"] = (provider, 2)

    try:
        output = run_tap(config, catalog=catalog)
    except RunError as error:
        assert any(stream in line for line in error.failures)  # noqa: PT017 - either is right
    else:
        assert whole == {str(key(record)) for record in output.records(stream)}


def key(record: dict[str, Any]) -> object:
    """Return the id of a call of any provider."""
    return record.get("id") or record["call_id"]


def test_calls_that_arrive_during_paging_lose_none(served: Simulator) -> None:
    """A new call that shifts others to the next page does not hide any of them."""
    served.page_sizes["burki"] = 5
    before = {record["id"] for record in served.records("burki_calls")}
    first = served.world.calls("burki")[0].start

    def arrive(_: object) -> None:
        if len(served.requests) < 20:
            served.world.add("burki", start=first)

    served.on_request(arrive)

    records = run_tap(configuration(served, "burki", max_tries=3)).records("burki_calls")

    assert before <= {record["id"] for record in records}
