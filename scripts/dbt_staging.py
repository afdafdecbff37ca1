"""Write dbt's staging models, transform/models/staging, from the streams of the tap.

`make generate` runs it, when a schema, a key or a word of a vocabulary has changed; a test compares
what it would write with what is there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tap_voicecalls.calls.streams import COMMON_STREAMS, Calls
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.records.schemas import schema_of

FOLDER = Path("transform/models/staging")
_RESERVED = {"from": "from_number", "to": "to_number"}
_CAPITAL = re.compile("(?<!^)([A-Z])")

STREAMS: list[Any] = [
    *COMMON_STREAMS,
    *(stream for provider in PROVIDERS for stream in provider.streams),
]

_HEAD = "made by `make generate`"
_SCHEMA = "{{ var('voicecalls_schema', env_var('VOICECALLS_SCHEMA', 'voicecalls')) }}"
_DATABASE = "{{ var('voicecalls_database', target.database) }}"
# A source is a pulse, not a service: nothing fails on a quiet day.
_FRESHNESS = {"warn_after": {"count": 48, "period": "hour"}}

# A field that may be deselected, or mapped away, is null then: the models are built all the same.
_DESELECTED = {"not_null": {"config": {"severity": "warn"}}}

_KINDS = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "object": "json",
    "array": "json",
}

Node = dict[str, Any]


def files() -> dict[Path, str]:
    """Return the text of each file, by its path."""
    written = {"sources.yml": _yaml({"sources": [_source()]})}
    for stream in STREAMS:
        written[f"stg_{stream.name}.sql"] = _model(stream)
        written[f"stg_{stream.name}.yml"] = _yaml({"models": [_properties(stream)]})
    return {FOLDER / name: text for name, text in written.items()}


def _source() -> Node:
    return {
        "name": "voicecalls",
        "description": "The tables that a Singer target has loaded from tap-voicecalls.",
        "database": _DATABASE,
        "schema": _SCHEMA,
        "tables": [_table(stream) for stream in STREAMS],
    }


def _table(stream: Any) -> Node:  # noqa: ANN401 - a class of stream, by its class variables
    table: Node = {"name": stream.name, "description": _schema(stream)["description"]}
    # Of the others some may not be loaded at all.
    if stream is Calls:
        table["config"] = {"loaded_at_field": stream.replication_key, "freshness": _FRESHNESS}
    return table


def _model(stream: Any) -> str:  # noqa: ANN401
    """Return the SQL of a stream's view."""
    fields = ",\n".join(
        f"    '{name}': '{_kind(field)}'" for name, field in _schema(stream)["properties"].items()
    )
    by_default = "" if stream.selected_by_default else ", by_default=false"
    condition = f"{{{{ config(enabled=is_loaded('{stream.name}'{by_default})) }}}}\n\n"
    return (
        f"-- {_HEAD}\n{condition if stream is not Calls else ''}"
        f"{{{{ staged('{stream.name}', {list(stream.primary_keys)}, {{\n{fields}\n}}) }}}}\n"
    )


def _kind(field: Node) -> str:
    """Return what the macro `staged` makes of a field."""
    if field.get("format") == "date-time":
        return "time"
    types = {name for name in field["type"] if name != "null"}
    types = {field["type"]} if isinstance(field["type"], str) else types
    return _KINDS[types.pop()] if len(types) == 1 else "json"


def _properties(stream: Any) -> Node:  # noqa: ANN401
    """Return what dbt is told of a stream's view, and how it is to be tested."""
    schema = _schema(stream)
    key = {"columns": list(stream.primary_keys)}
    return {
        "name": f"stg_{stream.name}",
        "description": schema["description"],
        "data_tests": [{"unique_together": {"arguments": key}}],
        "columns": [
            _documented(name, field, stream) for name, field in schema["properties"].items()
        ],
    }


def _plain_name(name: str) -> str:
    """Return how a column is called from here on: as the macro `plain_name` does."""
    return _RESERVED.get(name) or _CAPITAL.sub(r"_\1", name).lower()


def _documented(name: str, field: Node, stream: Any) -> Node:  # noqa: ANN401
    column: Node = {"name": _plain_name(name), "description": field["description"]}
    tests: list[str | Node] = [] if "null" in field["type"] else ["not_null"]
    if tests and name not in stream.primary_keys:
        tests = [_DESELECTED]
    if words := field.get("enum"):
        tests.append(_accepted([word for word in words if word is not None]))
    elif name == "provider" and stream in COMMON_STREAMS:
        tests.append(_accepted([provider.name for provider in PROVIDERS]))
    return column | ({"data_tests": tests} if tests else {})


def _accepted(words: list[str]) -> Node:
    return {"accepted_values": {"arguments": {"values": words}}}


def _schema(stream: Any) -> Node:  # noqa: ANN401
    return schema_of(stream)


def _yaml(content: Node) -> str:
    text: str = yaml.safe_dump(content, sort_keys=False, width=120, allow_unicode=True)
    return f"# {_HEAD}\n{text}"
