"""README.md is the contract with users: it says what the tap says of itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings import schema

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
    ours = schema(PROVIDERS)
    for name, field in ours["properties"].items():
        if name in NAMES:
            for own, inner in field["properties"].items():
                yield f"{name}.{own}", inner, own in field["else"]["required"]
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
    for provider in PROVIDERS:
        for stream in provider.streams:
            said: Any = stream
            key = ", ".join(f"`{name}`" for name in said.primary_keys)
            expected[f"`{said.name}`"] = [key, f"`{said.replication_key}`"]
    tables = rows("Streams")

    assert expected == {row[0]: row[1:] for row in tables if len(row) == 3}
    assert sorted(expected) == sorted(row[0] for row in tables if len(row) == 6)
