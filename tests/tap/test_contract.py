"""Every provider keeps the same contract: one more in the registry is covered by being there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support import END, START, catalog_of, configuration, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.simulator import Simulator


@dataclass(frozen=True)
class Declared:
    """What a stream's class says of it."""

    provider: str
    name: str
    key: tuple[str, ...]
    time: str


def declared(provider: type[Provider]) -> Iterator[Declared]:
    """Read the streams of a provider off its class."""
    for stream in provider.streams:
        said: Any = stream
        yield Declared(provider.name, said.name, said.primary_keys, said.replication_key)


STREAMS = [stream for provider in PROVIDERS for stream in declared(provider)]
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda it: it.name)
each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda it: it.name)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulator whose pages are so small that every list has many."""
    made = simulator(unknown_fields=True)
    made.page_sizes.update(dict.fromkeys(made.page_sizes, 7))
    with made:
        yield made


def only(config: dict[str, Any], stream: Declared) -> dict[str, Any]:
    """Return a catalog with one stream selected."""
    names = [*(other.name for other in STREAMS), "calls"]
    return catalog_of(config, **{name: name == stream.name for name in names})


@each_provider
def test_keys_are_secret_and_required(provider: type[Provider]) -> None:
    """A key that is not flagged secret would be shown by Meltano and by --about's readers."""
    settings = TapVoiceCalls.config_jsonschema["properties"][provider.name]

    for name in provider.secrets:
        assert name in settings["else"]["required"]
        assert settings["properties"][name]["secret"] is True


@each_provider
def test_every_setting_is_described(provider: type[Provider]) -> None:
    """A setting without a description cannot be looked up in --about."""
    properties = TapVoiceCalls.config_jsonschema["properties"][provider.name]["properties"]

    assert [name for name, field in properties.items() if not field.get("description")] == []


@each_stream
def test_stream_is_declared_whole(stream: Declared) -> None:
    """A name outside the provider's prefix or a key outside the schema breaks targets."""
    assert stream.name.startswith(f"{stream.provider}_")
    assert stream.key[0] == "account"
    assert stream.time


@each_stream
def test_walks_to_the_last_page(served: Simulator, stream: Declared) -> None:
    """A list that ends too early, or a page read twice, shows as a wrong number of records."""
    config = configuration(served, stream.provider)

    records = run_tap(config, catalog=only(config, stream)).records(stream.name)

    keys = {tuple(record[name] for name in stream.key) for record in records}
    assert len(records) == len(truth(served, stream)) > 7
    assert len(keys) == len(records)


@each_stream
def test_records_come_in_ascending_order(served: Simulator, stream: Declared) -> None:
    """A bookmark is only safe when nothing older than it comes after it."""
    config = configuration(served, stream.provider)
    records = run_tap(config, catalog=only(config, stream)).records(stream.name)

    times = [record[stream.time] for record in records]
    assert len(times) > 7
    assert times == sorted(times)


@each_stream
def test_state_never_runs_ahead(served: Simulator, stream: Declared) -> None:
    """A state that names a time before all records up to it are out loses them in a crash."""
    config = configuration(served, stream.provider)
    output = run_tap(config, catalog=only(config, stream))

    bookmark = ""
    for message in output.messages:
        if message["type"] == "STATE":
            (partition,) = message["value"]["bookmarks"][stream.name]["partitions"]
            bookmark = partition.get("replication_key_value", "")
        elif message["type"] == "RECORD" and not stream.name.endswith("detail_records"):
            assert message["record"][stream.time] >= bookmark
    assert bookmark == "2026-01-09T00:00:00.000000Z"
    assert len(output.records(stream.name)) > 7


@each_stream
def test_two_halves_make_a_whole(served: Simulator, stream: Declared) -> None:
    """A call on the boundary between two runs comes out in exactly one of them, or in both."""
    middle = START + timedelta(days=1, hours=7)
    first = configuration(served, stream.provider, end_date=middle.isoformat(), lookback_hours=0)
    second = configuration(served, stream.provider, lookback_hours=0)
    catalog = only(second, stream)

    before = run_tap(first, catalog=catalog)
    after = run_tap(second, catalog=catalog, state=before.state)

    records = [*before.records(stream.name), *after.records(stream.name)]
    assert len(records) == len(truth(served, stream))


@each_stream
def test_times_are_utc_in_one_format(served: Simulator, stream: Declared) -> None:
    """Two formats of time sort wrongly as text, which is how Singer compares bookmarks."""
    config = configuration(served, stream.provider)

    output = run_tap(config, catalog=only(config, stream))

    (schema,) = (message["schema"] for message in output.of_type("SCHEMA"))
    names = [
        name for name, field in schema["properties"].items() if field.get("format") == "date-time"
    ]
    found = [r[name] for r in output.records(stream.name) for name in names if r[name] is not None]
    assert [time for time in found if not UTC_TIME.fullmatch(time)] == []
    assert found


@each_stream
def test_what_nobody_documented_arrives(served: Simulator, stream: Declared) -> None:
    """A field that the provider adds one day is kept, for no data may be dropped in silence."""
    config = configuration(served, stream.provider)

    records = run_tap(config, catalog=only(config, stream)).records(stream.name)

    assert len(records) > 7
    assert all("x_sim_note" in record["additional_fields"] for record in records)


@each_provider
def test_wrong_key_names_the_setting_to_check(served: Simulator, provider: type[Provider]) -> None:
    """A user with a wrong key reads which setting to mend, and the key is not in the message."""
    config = configuration(served, provider.name)
    config[provider.name] = {**config[provider.name], "api_key": "wrong-key-4711"}

    with pytest.raises(RunError) as caught:
        run_tap(config)

    message = caught.value.failures[0]
    assert message.startswith(f"{provider.name} (account default), {provider.name}_")
    assert "401 Unauthorized" in message
    assert f"`{provider.name}.api_key`" in message
    assert "4711" not in message


def truth(served: Simulator, stream: Declared) -> list[dict[str, object]]:
    """Return what the simulator holds of a stream, as the default settings ask for it."""
    products = {"products": ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"]}
    return served.records(stream.name, **(products if "vonage" in stream.name else {}))


def test_worlds_end_is_the_end(served: Simulator) -> None:
    """The suite above would prove little if the simulated days were not those that are read."""
    starts = [call.start for call in served.world.calls("burki")]

    assert START <= min(starts) <= max(starts) < END
