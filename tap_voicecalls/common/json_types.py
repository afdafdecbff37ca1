"""The types that a JSON schema declares. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def types_of(field: Mapping[str, Any]) -> list[str]:
    """Return the names of the types that a field may have."""
    declared = field.get("type", [])
    return [declared] if isinstance(declared, str) else declared


def with_empty_properties(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema whose free-form objects declare `properties`: none.

    Several targets cannot load an object without them, or drop its column.
    """
    changed = dict(field)
    if "object" in types_of(field):
        own = field.get("properties") or {}
        changed["properties"] = {name: with_empty_properties(one) for name, one in own.items()}
    if isinstance(items := field.get("items"), dict):
        changed["items"] = with_empty_properties(items)
    return changed
