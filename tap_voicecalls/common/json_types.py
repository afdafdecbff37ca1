"""The types that a JSON schema declares. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def types_of(field: Mapping[str, Any]) -> list[str]:
    """Return the names of the types that a field may have."""
    declared = field.get("type", [])
    return [declared] if isinstance(declared, str) else declared
