"""Where settings come from beside the command line: the environment, and a file of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tap_voicecalls.settings.json_file import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    Settings = dict[str, Any]

_PREFIX = "TAP_VOICECALLS"
_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def from_environment(
    schema: Mapping[str, Any], environ: Mapping[str, str], prefix: str = _PREFIX
) -> Settings:
    """Read settings from variables such as ``TAP_VOICECALLS_VONAGE_API_KEY``.

    A whole object may also come as JSON, as in ``TAP_VOICECALLS_VONAGE``; the single ones win.

    Raises:
        ConfigValidationError: A variable does not hold what its setting needs.
    """
    found: Settings = {}
    for name, field in schema.get("properties", {}).items():
        variable = f"{prefix}_{name.upper()}"
        if text := environ.get(variable):
            found[name] = _parsed(text, field, variable)
        if nested := from_environment(field, environ, variable):
            whole = found.get(name, {})
            found[name] = {**whole, **nested} if isinstance(whole, dict) else whole
    return found


def variable(*names: str) -> str:
    """Name the environment variable of a setting, given by its name within each object."""
    return "_".join((_PREFIX, *names)).upper()


def _parsed(text: str, field: Mapping[str, Any], variable: str) -> Any:  # noqa: ANN401
    types = field.get("type", "string")
    if "string" in types:
        return text
    if "boolean" in types and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if "array" in types and not text.lstrip().startswith("["):
        return [item.strip() for item in text.split(",")]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        kinds = " or ".join(kind for kind in types if kind != "null")
        refuse(f"the environment variable {variable} must hold a JSON {kinds}")
