"""What the providers declare, in meltano.yml: their settings and streams."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scripts.marked import replaced
from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.providers.base import Provider

PATH = Path("meltano.yml")
_INDENT = " " * 6
# Meltano has no kind for a fraction that works: see the comment in meltano.yml.
_KINDS = {"array": "array", "boolean": "boolean", "integer": "integer", "number": "integer"}
_SPELLED = {"api": "API", "id": "ID", "ids": "IDs", "sid": "SID", "url": "URL"}


def text(project: str) -> str:
    """Return meltano.yml with the settings and the streams that the providers declare."""
    project = replaced(project, "selection", _selection())
    return replaced(project, "providers", "".join(map(_block, PROVIDERS)))


def _selection() -> str:
    """List the streams that are selected by default: Meltano itself would select all."""
    streams: list[Any] = [*COMMON_STREAMS, *(s for one in PROVIDERS for s in one.streams)]
    lines = [f'  - "{stream.name}.*"' for stream in streams if stream.selected_by_default]
    return "".join(f"{_INDENT}{line}\n" for line in ("select:", *lines))


def _block(provider: type[Provider]) -> str:
    settings = list(_settings(provider))
    written: str = yaml.safe_dump(settings, sort_keys=False, width=10_000, allow_unicode=True)
    head = f"# {provider.label}: on as soon as one of its settings is given.\n"
    return "".join(f"{_INDENT}{line}" for line in (head, *written.splitlines(keepends=True)))


def _settings(provider: type[Provider]) -> Iterator[dict[str, Any]]:
    for name, schema in provider.settings_schema()["properties"].items():
        words = " ".join(_SPELLED.get(word, word) for word in name.split("_"))
        yield {
            "name": f"{provider.name}.{name}",
            "label": f"{provider.label} {words}",
            **_kind(schema),
            **({"sensitive": True} if schema.get("secret") else {}),
            "description": schema["description"],
        }


def _kind(schema: dict[str, Any]) -> dict[str, Any]:
    if words := schema.get("enum"):
        options = [{"label": word, "value": word} for word in words if word is not None]
        return {"kind": "options", "options": options}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return next(({"kind": _KINDS[one]} for one in types if one in _KINDS), {})
