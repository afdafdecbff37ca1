"""The parts of the documentation that follow the registry of providers."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.marked import replaced
from tap_voicecalls.calls.streams import COMMON_STREAMS, Calls
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.records.schemas import schema_of
from tap_voicecalls.settings.schema import settings_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_voicecalls.providers.base import Provider
    from tap_voicecalls.streams.reference import Reference

ROOT = Path(__file__).parents[1]
DOCS = Path("docs")
SITE = "https://tap-voicecalls.github.io/tap-voicecalls"
"""Where the documentation is published; README links to it, since package indexes show README."""

_FACTS = {
    "endpoint": "Endpoint",
    "paging": "Paging",
    "time_filter": "Time filter",
    "order": "Order",
    "late_changes": "Changes late",
}
_NEW_PAGE = """# A new provider

## Set up

Where its key is found, and what reading costs.

## Good to know

Limits, what changes late, what is not reported.

## Settings

<!-- begin settings: written by `make generate` -->
<!-- end settings -->

## Streams

<!-- begin streams: written by `make generate` -->
<!-- end streams -->

## Where the fields of `calls` come from

<!-- begin sources: written by `make generate` -->
<!-- end sources -->
"""
_SETTING = ("setting", "default", "what it does")
_NOT_OF_A_FIELD = {"provider", "account"}  # the tap's own


def files() -> dict[Path, str]:
    """Return the text of each page that has generated parts, by its path."""
    parts: dict[Path, dict[str, str]] = {
        Path("README.md"): {"providers": _providers(f"{SITE}/providers", "/")},
        DOCS / "providers/index.md": {"providers": _providers(".", ".md")},
        DOCS / "reference/settings.md": {
            "general settings": _table(_SETTING, _general_settings()),
            "provider settings": _table(_SETTING, _common_settings()),
        },
        DOCS / "reference/streams.md": {"streams": _streams()},
        Path("mkdocs.yml"): {"providers": _navigation()},
        DOCS / "calls.md": {"sources of calls": _told()},
        **{
            DOCS / f"providers/{one.name}.md": {
                "settings": _table(_SETTING, _settings(one)),
                "streams": _lists(one),
                "sources": _table(("field", "from"), _sources(one)),
            }
            for one in PROVIDERS
        },
    }
    return {path: _written(path, contents) for path, contents in parts.items()}


def _written(path: Path, contents: dict[str, str]) -> str:
    file = ROOT / path
    text = file.read_text(encoding="utf-8") if file.exists() else _NEW_PAGE
    for name, content in contents.items():
        text = replaced(text, name, content)
    return text


def _navigation() -> str:
    return "".join(f"      - {one.title}: providers/{one.name}.md\n" for one in PROVIDERS)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    written = (f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)
    body = "\n".join(written).replace("| --- ", "|---").replace("|--- |", "|---|")
    return f"\n{body}\n\n"


def _providers(folder: str, ending: str) -> str:
    rows = (
        [f"[{one.title}]({folder}/{one.name}{ending})", _names(one, on=True), _names(one, on=False)]
        for one in PROVIDERS
    )
    return _table(("provider", "streams", "streams that are off by default"), rows)


def _names(provider: type[Provider], *, on: bool) -> str:
    streams = (one for one in _streams_of(provider) if one.selected_by_default == on)
    return ", ".join(f"`{stream.name}`" for stream in streams) or "-"


# Settings -------------------------------------------------------------------------------------


def _general_settings() -> Iterator[list[str]]:
    schema = settings_schema(PROVIDERS)
    for name, own in schema["properties"].items():
        if name in {provider.name for provider in PROVIDERS}:
            continue
        for inner, each in own["properties"].items() if "properties" in own else ():
            yield [f"`{name}.{inner}`", _default(each), each["description"]]
        if "properties" not in own:
            default = "required" if name in schema["required"] else _default(own)
            yield [f"`{name}`", default, own["description"]]


def _settings(provider: type[Provider]) -> Iterator[list[str]]:
    sets = [", ".join(f"`{provider.name}.{key}`" for key in keys) for keys in _keys(provider)]
    for required in sets:
        keys = "The account's keys." if ", " in required else "The account's key."
        yield [required, "required" if len(sets) == 1 else "one of these", keys]
    own = provider.settings_schema()["properties"]
    for setting in provider.settings:
        schema = own[setting.name]
        yield [f"`{provider.name}.{setting.name}`", _default(schema), schema["description"]]
    yield [f"`{provider.name}.base_url`", f"`{provider.base_url}`", "The address of the API."]
    if provider.requests_per_second:
        what = "The highest number of requests a second, over all threads: the published rate."
        yield [
            f"`{provider.name}.requests_per_second`",
            f"`{provider.requests_per_second:g}`",
            what,
        ]


def _keys(provider: type[Provider]) -> tuple[tuple[str, ...], ...]:
    return provider.required_keys()


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


# Streams --------------------------------------------------------------------------------------


def _key(stream: Any) -> str:  # noqa: ANN401 - a class of a stream
    return ", ".join(f"`{name}`" for name in stream.primary_keys)


def _sync_mode(stream: Any) -> str:  # noqa: ANN401 - as above
    return f"incremental, by `{stream.replication_key}`" if stream.replication_key else "read whole"


_COMMON: list[Any] = list(COMMON_STREAMS)
_PAGES = {
    "calls": "calls.md",
    "call_turns": "turns-and-costs.md",
    "call_costs": "turns-and-costs.md",
    "call_recordings": "recordings.md",
}


def _streams_of(provider: type[Provider]) -> Sequence[Any]:
    """Return classes of streams, whose names mypy takes for those of instances."""
    return provider.streams


def _streams() -> str:
    rows: list[list[str]] = [
        [
            f"[`{stream.name}`](../providers/{one.name}.md#{stream.name})",
            _key(stream),
            _sync_mode(stream),
            "on" if stream.selected_by_default else "off",
        ]
        for one in PROVIDERS
        for stream in _streams_of(one)
    ]
    rows += [
        [f"[`{each.name}`](../{_PAGES[each.name]})", _key(each), _sync_mode(each), "on"]
        for each in _COMMON
    ]
    return _table(("stream", "key", "sync mode", "by default"), rows)


def _lists(provider: type[Provider]) -> str:
    return "\n" + "\n".join(_list(stream) for stream in _streams_of(provider))


def _list(stream: Any) -> str:  # noqa: ANN401 - as above
    reference: Reference = stream.reference
    named = [each.name for each in fields(reference)]
    facts = [[_FACTS[name], getattr(reference, name)] for name in named]
    state = "on" if stream.selected_by_default else "off: select it"
    rows = [["Key", _key(stream)], ["Sync mode", _sync_mode(stream)], ["By default", state]]
    table = _table((" ", " "), rows + facts)
    return f"### `{stream.name}`\n{table}".rstrip("\n") + "\n"


# The stream `calls` ---------------------------------------------------------------------------


def _fields() -> Iterator[str]:
    for field in schema_of(Calls)["properties"]:
        if field not in _NOT_OF_A_FIELD:
            yield field


def _sources(provider: type[Provider]) -> Iterator[list[str]]:
    for field in _fields():
        yield [f"`{field}`", provider.call_sources.get(field, "-")]


def _told() -> str:
    part = "#where-the-fields-of-calls-come-from"
    heads = [f"[{one.label}](providers/{one.name}.md{part})" for one in PROVIDERS]
    rows = (
        [f"`{field}`", *("●" if field in one.call_sources else "" for one in PROVIDERS)]
        for field in _fields()
    )
    return _table(("", *heads), rows)
