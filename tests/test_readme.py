"""README.md is the contract with users: it says what the tap says of itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from support import catalog_of, configuration, run_tap, simulator

from tap_voicecalls.calls.call import Channel, Direction, Status
from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings.schema import settings_schema
from tap_voicecalls.simulator.apis.vonage.report import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
NAMES = [provider.name for provider in PROVIDERS]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of all table rows under a heading, without the tables' heads."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ") and "`" in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def told() -> dict[str, tuple[str, str]]:
    """Return what the settings table says: setting to default and description."""
    found = {}
    for names, default, description in rows("Settings"):
        for name in re.findall(r"`(\.?[\w.]+)`", names):
            full = [f"{owner}{name}" for owner in NAMES] if name.startswith(".") else [name]
            found.update(dict.fromkeys(full, (default, description)))
    return found


def settings() -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield each setting of the tap: its dotted name, its schema, and whether it is required."""
    ours = settings_schema(PROVIDERS)
    for name, field in ours["properties"].items():
        if name in NAMES:
            for own, inner in field["properties"].items():
                yield f"{name}.{own}", inner, own in field["else"].get("required", ())
        elif "properties" in field:
            for own, inner in field["properties"].items():
                yield f"{name}.{own}", inner, False
        else:
            yield name, field, name in ours["required"]


def test_every_setting_is_in_the_table() -> None:
    """A setting that README does not name is found by nobody; one it invents does nothing."""
    assert {name for name, _, _ in settings()} == set(told())


def test_defaults_and_requirements_are_told_truly() -> None:
    """A user who relies on a default that README tells must get just that."""
    for name, field, required in settings():
        default, _ = told()[name]
        if required:
            assert default == "required", name
        elif default == "one of these":
            assert field["secret"], name
        elif name.split(".")[-1] in {"base_url", "account_id", "requests_per_second"}:
            continue  # told in words
        else:
            expected = f"`{json.dumps(field['default'])}`" if "default" in field else ""
            assert default == expected, name


def test_rates_are_told_truly() -> None:
    """Each provider with a default rate is named with it."""
    default, _ = told()["burki.requests_per_second"]
    rates = [
        f"{provider.title.split()[0]} `{provider.requests_per_second}`"
        for provider in PROVIDERS
        if provider.requests_per_second
    ]

    assert ", ".join(rates) == default


def test_streams_are_told_truly() -> None:
    """Each stream stands in both tables, with its key and replication key."""
    expected = {}
    of_providers = [stream for provider in PROVIDERS for stream in provider.streams]
    streams: list[Any] = [*of_providers, *COMMON_STREAMS]
    for stream in streams:
        key = ", ".join(f"`{name}`" for name in stream.primary_keys)
        time = stream.replication_key
        expected[f"`{stream.name}`"] = [key, f"`{time}`" if time else "none: read whole"]
    tables = rows("Streams")

    assert expected == {row[0]: row[1:] for row in tables if len(row) == 3}
    described = sorted(row[0] for row in tables if len(row) == 6)
    assert described == sorted(f"`{vars(stream)['name']}`" for stream in of_providers)


def test_what_follows_a_status_is_told_for_each() -> None:
    """A report may end in each of the API's statuses, and README says what the tap does then."""
    section = README.split("\n### Vonage's reports\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]

    assert {word for cell in cells for word in re.findall(r"`([A-Z]+)`", cell)} == STATUSES


def test_vocabularies_of_calls_are_told_truly() -> None:
    """A word that README does not name is met in the warehouse, and nobody knows what it means."""
    told = {row[0]: re.findall(r"`(\w+)`", row[1]) for row in rows("Calls") if len(row) == 2}
    words = {"`direction`": Direction, "`status`": Status, "`channel`": Channel}

    assert {name: list(get_args(vocabulary)) for name, vocabulary in words.items()} == {
        name: values for name, values in told.items() if name in words
    }


# Of fields that only Burki's SDK knows, of what its users put into their metadata, and of the older
# form of Voicy's API.
NOT_SIMULATED = {
    "burki": {
        *("direction", "has_recording", "has_transcript", "provider_end_reason", "ended_by"),
        *("transferred_to", "carrier", "updated_at"),
    },
    "voicy": {"response_seconds"},
    "vonage": {"answered_by"},
    "twilio": {"parent_call_id"},
    "vapi": {"answered_by", "transferred_to", "agent_version"},
    "retell": {"cost_stt", "transferred_to"},
    "elevenlabs": {"transferred_to"},
}


def test_sources_of_calls_are_told_truly() -> None:
    """What README says a provider does not tell is never told; all else is told by some call."""
    with simulator() as served:
        config = configuration(served)
        config["telnyx"]["record_types"] = ["webrtc", "sip-trunking"]
        details = {"retell_call_details": True, "elevenlabs_conversation_details": True}
        calls = run_tap(config, catalog=catalog_of(config, **details)).records("calls")
    matrix = {row[0].strip("`"): row[1:] for row in rows("Calls") if len(row) == 1 + len(PROVIDERS)}
    titles = [provider.title.split()[0] for provider in PROVIDERS]
    assert f"| | {' | '.join(titles)} |" in README

    assert matrix.keys() == calls[0].keys() - {"provider", "account"}
    for field, cells in matrix.items():
        for provider, cell in zip(NAMES, cells, strict=True):
            values = {call[field] for call in calls if call["provider"] == provider}
            is_told = bool(values - {None, "unknown"})
            if field not in NOT_SIMULATED.get(provider, ()):
                assert is_told == (cell != "-"), (provider, field)


def test_queries_are_told_truly() -> None:
    """Each query stands in the table, with the question that its first line asks."""
    told = re.findall(r"\| \[(\w+\.sql)\]\(queries/\1\) \| (.+) \|", README)
    files = {
        file.name: file.read_text(encoding="utf-8").splitlines()[0].removeprefix("-- ")
        for file in (Path(__file__).parents[1] / "queries").glob("*.sql")
    }

    assert files == dict(told)


def test_models_of_dbt_are_told_truly() -> None:
    """A table that README does not name is found by nobody."""
    told = re.findall(r"\| \[(\w+)\]\(transform/models/marts/\1\.sql\) \|", README)
    files = (Path(__file__).parents[1] / "transform/models/marts").glob("*.sql")

    assert sorted(told) == sorted(file.stem for file in files)
