"""Reads settings from environment variables."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.safe_text import safe_name
from tap_voicecalls.settings.json_file import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Settings = dict[str, Any]

_PREFIX = "TAP_VOICECALLS"
_ALIKE = 0.93
"""From which similarity on a variable is taken for a misspelt one; all share a long prefix."""
_NAMED = 3
"""How many variables a line names; a shard of a backfill has about as many."""
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

    A variable such as ``TAP_VOICECALLS_VONAGE`` may hold a whole object as JSON; the variables of
    single settings override it.

    Raises:
        ConfigValidationError: A variable is not valid for its setting.
    """
    settings: Settings = {}
    for name, field in schema.get("properties", {}).items():
        variable = f"{prefix}_{name.upper()}"
        if text := environ.get(variable):
            settings[name] = _parse(text, field, variable)
        if nested := from_environment(field, environ, variable):
            whole = settings.get(name, {})
            settings[name] = {**whole, **nested} if isinstance(whole, dict) else whole
    return settings


def unknown_variables(schema: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each variable that is a misspelling of a setting's.

    Others with the same prefix are left alone: Meltano and the SDK have some.
    """
    known = set(_variables(schema, _PREFIX))
    for name in sorted(environ):
        if name.startswith(f"{_PREFIX}_") and name not in known:
            for near in get_close_matches(name, known, n=1, cutoff=_ALIKE):
                yield (
                    f"the environment variable {safe_name(name)} is no setting; did you mean "
                    f"{near}?"
                )


def unread_variables(schema: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a line that names the variables of settings, for a run that does not read them."""
    if given := [name for name in _variables(schema, _PREFIX) if environ.get(name)]:
        more = len(given) - _NAMED
        names = ", ".join(given[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield (
            f"the environment is not read, but has settings: {names}; give --config=ENV as well to "
            "read them"
        )


def _variables(schema: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        yield (variable := f"{prefix}_{name.upper()}")
        yield from _variables(field, variable)


def variable(*names: str) -> str:
    """Return the environment variable of a setting, given its path such as "only", "account"."""
    return "_".join((_PREFIX, *names)).upper()


def _parse(text: str, field: Mapping[str, Any], variable: str) -> Any:  # noqa: ANN401
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
