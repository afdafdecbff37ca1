"""Loads of all streams by the unmodified target, into a stand-in for Snowflake."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import registry
from meltano_project import ROOT
from properties.truth import ALL_PRODUCTS, STREAMS, changes, differences, plain
from support import END, configuration, run_tap, simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator
    from warehouses.snowflake.tables import Table
    from warehouses.snowflake.warehouse import Warehouse

    Record = dict[str, Any]
    Key = Callable[[Record], Hashable]
    Differences = dict[Hashable, list[str]]

NAMES = list(STREAMS)
EVERY_STREAM = [*registry.COMMON, *registry.SELECTED]
# By what a field may hold, but for null, and by its format.
TYPES = {
    ("string", None): "VARCHAR",
    ("string", "date-time"): "TIMESTAMP_TZ(9)",
    ("integer", None): "NUMBER(38,0)",
    ("number", None): "FLOAT",
    ("string", "x-singer.decimal"): "NUMBER(38,18)",
    ("boolean", None): "BOOLEAN",
    ("object", None): "VARIANT",
    ("array", None): "VARIANT",
}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Load:
    """What there was to load, and what a run left behind.

    Attributes:
        truth: Each provider's records by stream, as its API sends them.
        written: What the tap writes of that whole time, by stream.
        schemas: The schema messages of the tap, by stream.
        tables: The tables, by stream.
    """

    truth: dict[str, list[Record]]
    written: dict[str, list[Record]]
    schemas: dict[str, Record]
    tables: dict[str, Table]

    def records(self, stream: str) -> list[Record]:
        """Return what landed of a stream, under the names of its fields."""
        return self.tables[stream].records(self.schemas[stream]["schema"]["properties"])

    def unlike_truth(self, stream: str) -> Differences:
        """Return what differs from what the provider has, by what it tells records apart with."""
        key = STREAMS[stream].key
        told_apart = [record for record in self.truth[stream] if key(record) is not None]
        differ = partial(differences, stream)
        return unlike(by(key, told_apart), by(key, self.records(stream)), differ)

    def unlike_written(self, stream: str) -> Differences:
        """Return what differs from what the tap writes."""
        key = self.key_of(stream)
        return unlike(by(key, self.written[stream]), by(key, self.records(stream)))

    def key_of(self, stream: str) -> Key:
        """Return what gives the key of a record."""
        names = self.schemas[stream]["key_properties"]
        return lambda record: tuple(plain(record[name]) for name in names)


def by(key: Key, records: Iterable[Record]) -> dict[Hashable, Record]:
    """Return records by their key."""
    return {key(record): record for record in records}


def unlike(
    expected: dict[Hashable, Record],
    landed: dict[Hashable, Record],
    differ: Callable[[Record, Record], list[str]] = changes,
) -> Differences:
    """Return the keys of records that did not land as expected, with what differs."""
    missing = {key: ["missing"] for key in expected.keys() - landed.keys()}
    both = expected.keys() & landed.keys()
    found = {key: differ(expected[key], landed[key]) for key in both}
    return missing | {key: names for key, names in found.items() if names}


@dataclass(frozen=True)
class Loads:
    """Two runs into one schema: up to the last day, and on after calls came and changed."""

    first: Load
    later: Load


@pytest.fixture(scope="module")
def loads(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Loads:
    """Load twice; the second run also reads again, and changes, what is in the lookback."""
    file = tmp_path_factory.mktemp("config") / "config.json"
    with simulator(calls_per_day=12) as served:
        first = load(warehouse, file, served, end_date=(END - ONE_DAY).isoformat())
        change_last_calls(served)
        return Loads(first, load(warehouse, file, served))


def load(warehouse: Warehouse, file: Path, served: Simulator, **settings: str) -> Load:
    """Run the tap into Snowflake, from where the last run ended."""
    config = configuration(served, **exact_costs(), **settings)
    config["vonage"]["products"] = ALL_PRODUCTS
    file.write_text(json.dumps(config), encoding="utf-8")
    words = ("run", "--state-id-suffix=loads", "tap-voicecalls", "target-snowflake")
    warehouse.meltano("loads", *words, TAP_VOICECALLS_CONFIG_FILE=str(file))
    output = run_tap(config)
    return Load(
        {name: listed_before(config["end_date"], name, served) for name in NAMES},
        {name: output.records(name) for name in EVERY_STREAM},
        {message["stream"]: message for message in output.of_type("SCHEMA")},
        warehouse.tables("loads"),
    )


def exact_costs() -> Record:
    """Return the settings that the page gives to keep each digit of a cost."""
    section = (ROOT / "docs/snowflake.md").read_text(encoding="utf-8")
    settings: Record = json.loads(section.split("```json\n")[1].split("```")[0])
    return settings


def listed_before(end: str, stream: str, served: Simulator) -> list[Record]:
    """Return the true records of a stream that a run up to then reads."""
    sent: list[Any] = served.records(stream)
    return [record for record in sent if STREAMS[stream].position(record).isoformat() < end]


def change_last_calls(served: Simulator) -> None:
    """Let the last answered call of each provider turn out longer, and dearer, than it seemed."""
    for provider in served.configuration():
        ended = [c for c in served.world.ordered(provider) if c.end < END - ONE_DAY and c.answered]
        served.world.change(ended[-1], duration=ended[-1].duration + 100)


@pytest.mark.parametrize("stream", NAMES)
def test_each_record_lands_as_the_provider_has_it(loads: Loads, stream: str) -> None:
    """Catches a call that is lost on the way, and a value that a type or a cast spoils."""
    assert loads.first.truth[stream]
    assert loads.first.unlike_truth(stream) == {}


@pytest.mark.parametrize("stream", EVERY_STREAM)
def test_each_row_is_what_the_tap_wrote_and_is_there_once(loads: Loads, stream: str) -> None:
    """Catches what the tap itself tells, as all of `calls`, spoiled, and a row beyond the calls."""
    assert loads.first.unlike_written(stream) == {}
    assert len(loads.first.tables[stream].rows) == len(loads.first.written[stream]) > 0


@pytest.mark.parametrize("stream", EVERY_STREAM)
def test_columns_have_the_types_and_the_key_that_readme_tells(loads: Loads, stream: str) -> None:
    """Catches a column that gets another type or goes without its key: queries rely on both."""
    message = loads.first.schemas[stream]
    expected = {name.upper(): column(f) for name, f in message["schema"]["properties"].items()}

    assert loads.first.tables[stream].columns == expected
    assert set(loads.first.tables[stream].key) == {n.upper() for n in message["key_properties"]}


def column(field: Record) -> str:
    """Return the type that a field's column is to have."""
    kinds = [kind for kind in [field["type"]] if isinstance(kind, str)] or field["type"]
    return TYPES[kinds[0], field.get("format")]


@pytest.mark.parametrize("stream", NAMES)
def test_a_call_that_is_read_again_replaces_its_row(loads: Loads, stream: str) -> None:
    """Catches a load that keeps the old row, or that loses what it does not read again."""
    before, after = loads.first, loads.later
    key = before.key_of(stream)
    changed = unlike(by(key, before.records(stream)), by(key, after.records(stream)))

    assert after.unlike_truth(stream) == {}
    assert ["missing"] not in changed.values()
    # A report of Telnyx never changes: that of a longer call is another one.
    assert bool(changed) == (stream != "telnyx_call_reports")
    ever = by(key, before.written[stream]) | by(key, after.written[stream])
    assert len(before.tables[stream].rows) < len(after.tables[stream].rows) == len(ever)
