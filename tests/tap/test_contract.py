"""The contract of every provider; these tests cover each provider in the registry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import END, START, catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support import Output

    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.simulator import Simulator

    Read = Callable[["Declared"], Output]


@dataclass(frozen=True)
class Declared:
    """What a stream's class declares."""

    provider: str
    name: str
    key: tuple[str, ...]
    time: str | None


def declared(provider: type[Provider]) -> Iterator[Declared]:
    """Yield what the streams of a provider declare."""
    for stream in provider.streams:
        said: Any = stream
        yield Declared(provider.name, said.name, said.primary_keys, said.replication_key)


STREAMS = [stream for provider in PROVIDERS for stream in declared(provider)]
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda it: it.name)
each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda it: it.name)
each_timed_stream = pytest.mark.parametrize(
    "stream", [stream for stream in STREAMS if stream.time], ids=lambda it: it.name
)


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """A simulator with small pages, so that every list has several."""
    made = simulator(unknown_fields=True)
    made.page_sizes.update(dict.fromkeys(made.page_sizes, 7))
    with made:
        yield made


@pytest.fixture(scope="module")
def read(served: Simulator) -> Read:
    """Read all of a stream, once for all tests."""

    @cache
    def once(stream: Declared) -> Output:
        config = configuration(served, stream.provider)
        return run_tap(config, catalog=only(config, stream))

    return once


def only(config: dict[str, Any], stream: Declared) -> dict[str, Any]:
    """Return a catalog with one stream selected."""
    names = [*(other.name for other in STREAMS), *registry.COMMON]
    return catalog_of(config, **{name: name == stream.name for name in names})


@each_provider
def test_keys_are_secret_and_required(provider: type[Provider]) -> None:
    """Meltano would show a key that is not marked as secret."""
    settings = TapVoiceCalls.config_jsonschema["properties"][provider.name]

    alternatives = settings["else"].get("anyOf", [settings["else"]])
    assert [tuple(each["required"]) for each in alternatives] == [*provider.required_keys()]
    for name in provider.secrets:
        assert settings["properties"][name]["secret"] is True


@each_provider
def test_every_setting_is_described(provider: type[Provider]) -> None:
    """A setting without a description cannot be looked up in --about."""
    properties = TapVoiceCalls.config_jsonschema["properties"][provider.name]["properties"]

    assert [name for name, field in properties.items() if not field.get("description")] == []


@each_stream
def test_the_stream_declares_name_key_and_time(stream: Declared) -> None:
    """Targets rely on the provider's prefix, on `account` in the key, and on a replication key.

    A stream without one is read whole in each run.
    """
    assert stream.name.startswith(f"{stream.provider}_")
    assert stream.key[0] == "account"
    assert bool(stream.time) != (stream.name in registry.WHOLE)


@each_stream
def test_all_pages_are_read_once(served: Simulator, read: Read, stream: Declared) -> None:
    """A list that ends too early, or a page read twice, gives a wrong number of records."""
    records = read(stream).records(stream.name)

    keys = {tuple(record[name] for name in stream.key) for record in records}
    assert len(records) == len(truth(served, stream)) > (7 if stream.time else 1)
    assert len(keys) == len(records)


@each_timed_stream
def test_records_come_in_ascending_order(read: Read, stream: Declared) -> None:
    """A bookmark is only safe if no older record follows it."""
    times = [record[str(stream.time)] for record in read(stream).records(stream.name)]

    assert len(times) > 7
    assert times == sorted(times)


@each_timed_stream
def test_state_is_never_ahead_of_the_records(read: Read, stream: Declared) -> None:
    """A state that covers records before they are written loses them in a crash."""
    output = read(stream)

    bookmark = ""
    for message in output.messages:
        if message["type"] == "STATE":
            (partition,) = message["value"]["bookmarks"][stream.name]["partitions"]
            bookmark = partition.get("replication_key_value", "")
        elif message["type"] == "RECORD" and not stream.name.endswith("detail_records"):
            assert message["record"][str(stream.time)] >= bookmark
    assert bookmark == "2026-01-09T00:00:00.000000Z"
    assert len(output.records(stream.name)) > 7


@each_timed_stream
def test_two_runs_with_a_boundary_read_each_call_once(served: Simulator, stream: Declared) -> None:
    """Two runs that meet at a boundary write as many records as one run of the whole."""
    middle = START + timedelta(days=1, hours=7)
    first = configuration(served, stream.provider, end_date=middle.isoformat(), lookback_hours=0)
    second = configuration(served, stream.provider, lookback_hours=0)
    catalog = only(second, stream)

    before = run_tap(first, catalog=catalog)
    after = run_tap(second, catalog=catalog, state=before.state)

    records = [*before.records(stream.name), *after.records(stream.name)]
    assert len(records) == len(truth(served, stream))


@each_stream
def test_times_are_utc_in_one_format(read: Read, stream: Declared) -> None:
    """Singer compares bookmarks as text, which works for one format only."""
    output = read(stream)

    (schema,) = (message["schema"] for message in output.of_type("SCHEMA"))
    names = [
        name for name, field in schema["properties"].items() if field.get("format") == "date-time"
    ]
    found = [r[name] for r in output.records(stream.name) for name in names if r[name] is not None]
    assert [time for time in found if not UTC_TIME.fullmatch(time)] == []
    assert found


@each_stream
def test_undocumented_fields_are_kept(read: Read, stream: Declared) -> None:
    """A field that the provider adds later is kept: no data is dropped silently."""
    records = read(stream).records(stream.name)

    assert len(records) > (7 if stream.time else 1)
    assert all("x_sim_note" in record["additional_fields"] for record in records)


@each_provider
def test_wrong_key_names_the_setting_to_check(served: Simulator, provider: type[Provider]) -> None:
    """The message names the setting to correct, and does not quote the key."""
    config = configuration(served, provider.name)
    key = provider.required_keys()[0][-1]
    config[provider.name] = {**config[provider.name], key: "wrong-key-of-test"}

    with pytest.raises(RunError) as caught:
        run_tap(config)

    message = caught.value.failures[0]
    assert message.startswith(f"{provider.name} (account default), {provider.name}_")
    assert "401 Unauthorized" in message
    assert f"`{provider.name}.{key}`" in message
    assert "key-of-test" not in message


def truth(served: Simulator, stream: Declared) -> list[dict[str, object]]:
    """Return the simulator's records of a stream under the default settings."""
    products = {"products": ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"]}
    return served.records(stream.name, **(products if "vonage" in stream.name else {}))


def test_all_simulated_calls_are_within_the_configured_days(served: Simulator) -> None:
    """Otherwise the tests above would compare with days that are not read."""
    starts = [call.start for call in served.world.calls("burki")]

    assert START <= min(starts) <= max(starts) < END
