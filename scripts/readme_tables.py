"""The tables of the README that follow the registry of providers."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.marked import replaced
from tap_voicecalls.calls.streams import COMMON_STREAMS, Calls
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.records.schemas import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PATH = Path("README.md")
_STREAMS: list[Any] = [stream for provider in PROVIDERS for stream in provider.streams]
_FACTS = (
    "stream",
    "endpoint",
    "paging",
    "time filter, and how it is used",
    "order",
    "what changes late",
)
_NOT_OF_A_FIELD = {"provider", "account"}  # the tap's own


def text(readme: str) -> str:
    """Return the README with its tables made new."""
    for name, head, rows in (
        ("provider settings", ("setting", "default", "what it does"), _settings()),
        ("streams", ("stream", "key", "replication key"), _keys()),
        ("lists", _FACTS, _lists()),
        ("sources of calls", ("", *(provider.label for provider in PROVIDERS)), _sources()),
    ):
        readme = replaced(readme, name, _table(head, rows))
    return readme


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    written = (f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)
    body = "\n".join(written).replace("| --- ", "|---").replace("|--- |", "|---|")
    return f"\n{body}\n\n"


def _settings() -> Iterator[list[str]]:
    for provider in PROVIDERS:
        sets = [
            ", ".join(f"`{provider.name}.{name}`" for name in keys)
            for keys in provider.required_keys()
        ]
        for required in sets:
            keys = "The account's keys." if ", " in required else "The account's key."
            yield [required, "required" if len(sets) == 1 else "one of these", keys]
        own = provider.settings_schema()["properties"]
        for setting in provider.settings:
            schema = own[setting.name]
            yield [f"`{provider.name}.{setting.name}`", _default(schema), schema["description"]]
    yield from _common_settings()


def _common_settings() -> Iterator[list[str]]:
    """Yield the settings that all providers have; the first one stands for all."""
    first = PROVIDERS[0]
    own = {*first.secrets, *(setting.name for setting in first.settings)}
    rates = (
        f"{one.label} `{one.requests_per_second}`" for one in PROVIDERS if one.requests_per_second
    )
    told = {"base_url": "the provider's", "requests_per_second": ", ".join(rates)}
    for name, schema in first.settings_schema()["properties"].items():
        if name not in own:
            default = told.get(name) or _default(schema)
            yield [f"*provider*`.{name}`", default, schema["description"]]


def _default(schema: dict[str, Any]) -> str:
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""


def _keys() -> Iterator[list[str]]:
    for stream in [*_STREAMS, *COMMON_STREAMS]:
        key = ", ".join(f"`{name}`" for name in stream.primary_keys)
        time = f"`{stream.replication_key}`" if stream.replication_key else "none: read whole"
        yield [f"`{stream.name}`", key, time]


def _lists() -> Iterator[list[str]]:
    for stream in _STREAMS:
        yield [f"`{stream.name}`", *astuple(stream.reference)]


def _sources() -> Iterator[list[str]]:
    for field in schema_of(Calls)["properties"]:
        if field not in _NOT_OF_A_FIELD:
            yield [f"`{field}`", *(one.call_sources.get(field, "-") for one in PROVIDERS)]
