"""What a real API does on a bad night, and what the tap makes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.simulator import PASSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

ASKING = ["429-seconds", "429-date", "429-reset", "503"]
LATE = {"slow", "stall"}
# Faults that change a record, so that it comes once more where an honest window has it, too.
CHANGES = {"nan", "huge-integer"}
PROVIDERS = registry.NAMES
LONG = 600  # seconds after which a test that hangs fails; none of them ever waits that long


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator of some pages of calls that asks for short waits."""
    with simulator(calls_per_day=12) as made:
        made.options |= {
            "slow_seconds": 0.5,
            "stall_seconds": LONG,
            "retry_after_seconds": 0.15,
            "drip_seconds": 0.001,
            "continue_seconds": 0.001,
        }
        yield made


def impatient(served: Simulator, *providers: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    """A configuration that gives up after some tries, but on no answer that is on its way."""
    return configuration(served, *providers, **({"read_timeout": LONG, "max_tries": 6} | settings))


STREAMS = list(registry.STREAMS)
PRODUCTS = {"products": ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"]}


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_fault_costs_nothing_but_time(
    served: Simulator, kind: str, concurrency: int
) -> None:
    """Whatever goes wrong once at each provider and then works leaves all calls read, each once."""
    for provider in PROVIDERS:
        served.script(provider, kind)
    # A date has whole seconds: one that is over when it comes asks for no pause.
    served.options["retry_after_seconds"] = -1 if kind == "429-date" else 0.02

    # An honest answer may be late as well, where the machine has other things to do.
    soon = {"read_timeout": 0.2, "max_tries": 100} if kind in LATE else {}
    output = run_tap(impatient(served, concurrency=concurrency, **soon))

    assert served.injected[kind] == len(PROVIDERS)
    for stream in STREAMS:
        known = served.records(stream, **(PRODUCTS if "vonage" in stream else {}))
        keys = registry.STREAMS[stream].primary_keys
        found = [tuple(record[key] for key in keys) for record in output.records(stream)]
        assert len(known) == len(set(found)) > 0
        assert len(found) == len(set(found)) or kind in CHANGES


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("kind", ASKING)
def test_nobody_asks_again_before_the_time_is_up(
    served: Simulator, kind: str, concurrency: int
) -> None:
    """A server that asks for a pause gets it from all threads of the account.

    Each of the others may have sent one request before the answer came, and no second one.
    """
    served.options["under_way_seconds"] = 0
    # A date has whole seconds, so that one provider after the other would take some.
    asking = PROVIDERS[:1] if kind == "429-date" else PROVIDERS
    for provider in asking:
        served.script(provider, kind)

    run_tap(impatient(served, *asking, concurrency=concurrency))

    assert served.injected[kind] == len(asking)
    assert max(served.impatient.values(), default=0) < concurrency


def test_rate_limit_is_kept_over_all_threads(served: Simulator) -> None:
    """A provider's published rate is never exceeded, whatever the concurrency.

    How long it takes in all says so even where a busy machine lets requests arrive in bunches.
    """
    config = impatient(served, "vonage", concurrency=8)
    config["vonage"]["requests_per_second"] = rate = 20
    began = time.monotonic()

    run_tap(config)

    requests = len(served.requests)
    assert requests > 8
    assert time.monotonic() - began >= (requests - 1) / rate


def failure_of(config: dict[str, Any]) -> str:
    """Run a tap that must fail, and return the line that says why."""
    with pytest.raises(RunError) as caught:
        run_tap(config)
    return caught.value.failures[0]


def test_gives_up_in_the_end(served: Simulator) -> None:
    """An API that is down for good ends the run in one line that tells how to be more patient."""
    served.script("burki", *["502"] * 20)

    line = failure_of(impatient(served, "burki"))

    assert "burki (account default), burki_calls: 502 Bad Gateway" in line
    assert "`max_tries`" in line
    assert served.injected["502"] == 6


def test_refused_connections_are_one_clear_line(served: Simulator) -> None:
    """A server that is not there is named with what was tried, not with a traceback."""
    config = impatient(served, "burki", max_tries=3)
    served.stop()

    line = failure_of(config)

    assert "burki_calls: connection refused; check the network and `base_url`; gave up" in line


def test_a_wait_beyond_all_patience_ends_at_once(served: Simulator) -> None:
    """A server that asks to come back tomorrow is not waited for."""
    served.options["retry_after_seconds"] = 86_400
    served.script("voicy", "429-seconds")

    line = failure_of(impatient(served, "voicy", max_retry_seconds=60))

    assert "429 Too Many Requests" in line
    assert "`max_retry_seconds`" in line
    assert served.impatient == {}


@pytest.mark.parametrize("kind", ["redirect-away"])
def test_keys_stay_with_their_server(served: Simulator, kind: str) -> None:
    """A redirect to another origin is refused, and nothing is sent there."""
    served.script("burki", kind)

    line = failure_of(impatient(served, "burki"))

    assert "another origin" in line
    assert "`base_url`" in line
    assert served.stranger_visits == []


def test_a_next_link_to_a_stranger_is_not_followed(served: Simulator) -> None:
    """A link in an answer is no safer than a redirect."""
    served.options["vonage_next_link_away"] = True
    served.page_sizes["vonage"] = 5

    assert "another origin" in failure_of(impatient(served, "vonage"))
    assert served.stranger_visits == []
    assert not served.stranger_got_key


@pytest.mark.parametrize(
    ("provider", "option", "value", "expected"),
    [
        ("burki", "burki_total_off", 3, "the server reports"),
        ("voicy", "voicy_total_off", 3, "the server reports"),
        ("vonage", "vonage_cursor_loops", True, "a page"),
        ("burki", "burki_ignores_skip", True, "and repeated a page"),
    ],
)
def test_a_list_that_does_not_add_up_is_refused(
    served: Simulator, provider: str, option: str, value: object, expected: str
) -> None:
    """A list that stays short, or goes round in circles, is never accepted as whole."""
    served.options[option] = value
    served.page_sizes[provider] = 5

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
def test_an_empty_page_in_the_middle_is_no_end(
    served: Simulator, provider: str, stream: str
) -> None:
    """An empty page, though the server tells that there is more, never ends a list in silence."""
    served.page_sizes[provider] = 5
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
    """What tells a call of any provider from others."""
    return record.get("id") or record["call_id"]


def test_calls_that_arrive_while_paging_are_not_missed(served: Simulator) -> None:
    """A call that pushes others to the next page between two requests costs none of them."""
    served.page_sizes["burki"] = 5
    before = {record["id"] for record in served.records("burki_calls")}
    first = served.world.calls("burki")[0].start

    def arrive(_: object) -> None:
        if len(served.requests) < 20:
            served.world.add("burki", start=first)

    served.on_request(arrive)

    records = run_tap(configuration(served, "burki", max_tries=3)).records("burki_calls")

    assert before <= {record["id"] for record in records}
