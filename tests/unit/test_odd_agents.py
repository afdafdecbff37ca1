"""Calls of Vapi, Retell and ElevenLabs in shapes that no document shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_voicecalls.calls.normalized import Normalizer
from tap_voicecalls.providers.elevenlabs import ElevenLabs
from tap_voicecalls.providers.retell import Retell
from tap_voicecalls.providers.vapi import Vapi
from tap_voicecalls.records.conform import Conformer
from tap_voicecalls.records.raw_json import RawJson
from tap_voicecalls.records.schemas import schema_of

if TYPE_CHECKING:
    from tap_voicecalls.providers.base import Provider

ODD: list[Any] = [
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    1e200,
    True,
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"x": {}},
    [{}],
]
FEEDERS: list[tuple[type[Provider], Any]] = [
    (provider, stream) for provider in (Vapi, Retell, ElevenLabs) for stream in provider.calls_from
]


def normalizer(provider: type[Provider], stream: Any) -> Normalizer:  # noqa: ANN401 - a class
    """Return what makes all rows of a record."""
    return Normalizer(
        provider.name,
        stream.name,
        provider.normalize,
        provider.turns_from.get(stream),
        provider.costs_from.get(stream),
        provider.recordings_from.get(stream),
    )


def paths(node: dict[str, Any], before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the way to each field of a schema, through objects and arrays."""
    found = []
    for name, field in node.get("properties", {}).items():
        path = (*before, name)
        found += [path, *paths(field, path)]
        if "properties" in field.get("items", {}):
            found += paths(field["items"], (*path, "[]"))
    return found


def planted(path: tuple[str, ...], value: object) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON with a value at the end of a way."""
    if not path:
        return value
    first, *rest = path
    inner = planted(tuple(rest), value)
    return [inner] if first == "[]" else {first: inner}


@pytest.mark.parametrize(("provider", "stream"), FEEDERS)
def test_no_shape_of_a_field_is_an_exception(provider: type[Provider], stream: Any) -> None:  # noqa: ANN401
    """One odd record of a server must not end the whole account."""
    key, normalize = stream.primary_keys[-1], normalizer(provider, stream)
    conform = Conformer(schema_of(stream), stream.moved)
    tried = 0
    for path in paths(schema_of(stream)):
        if path[0] in {key, "account", "started_at", "additional_fields"}:
            continue
        for value in ODD:
            sent = {key: "k", "status": "ended"} | planted(path, value)
            (record,) = conform.all(RawJson(json.dumps([sent]).encode()))
            record.account = "default"
            normalize(record)
            tried += 1
    assert tried > 300
