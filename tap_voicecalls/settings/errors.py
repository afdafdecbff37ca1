"""Messages for invalid settings: one line each, without values that may be secret."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.safe_text import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jsonschema import ValidationError

_FORMATS = {
    "http-url": "must be an http:// or https:// address, without credentials, query or fragment",
    "date-time": "must be a date or a timestamp such as 2026-01-31 or 2026-01-31T00:00:00Z",
}


def describe(error: ValidationError) -> str:
    """Turn a JSON schema error into one line that names the setting and what it must be."""
    describe_kind = _DESCRIPTIONS.get(str(error.validator), _invalid)
    return describe_kind(_dotted(error.absolute_path), error)


def _missing(name: str, error: ValidationError) -> str:
    # There is one error for each missing name; its message starts with the name.
    key = error.message.split("'")[1]
    full = f"{name}.{key}" if name else key
    variable = "TAP_VOICECALLS_" + full.replace(".", "_").upper()
    return f"`{full}` is missing: set it in the configuration, or as {variable} with --config=ENV"


def unknown(place: str, name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown setting, with the most similar known one.

    Args:
        place: The path of the object that contains it; empty for the top level.
        name: The name that was given.
        known: The known names.
    """
    known = list(known)
    hint = did_you_mean(name, known, f"{'it has' if place else 'there are'} {', '.join(known)}")
    where = f"`{place}` has no setting" if place else "there is no setting"
    return f"{where} {safe_name(name)}; {hint}"


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return a question that names the known name that is most like another; or something else."""
    close = get_close_matches(name.lower(), list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise


def _unknown(place: str, error: ValidationError) -> str:
    schema: Any = error.schema
    given: Any = error.instance
    known = schema["properties"]
    return "; ".join(unknown(place, name, known) for name in sorted(given.keys() - known.keys()))


def _wrong_type(name: str, error: ValidationError) -> str:
    declared: Any = error.validator_value
    kinds = [declared] if isinstance(declared, str) else declared
    return f"`{name}` must be of type {' or '.join(kind for kind in kinds if kind != 'null')}"


def _not_allowed(name: str, error: ValidationError) -> str:
    allowed: Any = error.validator_value
    words = ", ".join(map(str, allowed))
    return f"`{name}` is {safe_name(error.instance)}, but must be one of {words}"


def _alternatives(name: str, error: ValidationError) -> str:
    """Name the alternatives of required settings."""
    parts: Any = error.validator_value
    if not all("required" in part for part in parts):
        return _invalid(name, error)
    sets = [" and ".join(f"`{name}.{key}`" for key in part["required"]) for part in parts]
    return f"`{name}` needs {', or '.join(sets)}"


def _too_short(name: str, error: ValidationError) -> str:
    if not error.instance:
        return f"`{name}` is empty"
    return f"`{name}` must have at least {error.validator_value} characters"


def _out_of_bounds(bound: str) -> Callable[[str, ValidationError], str]:
    return lambda name, error: f"`{name}` must be {bound} {error.validator_value}"


def _invalid(name: str, error: ValidationError) -> str:
    return f"`{name}` is not valid: see its {error.validator} in --about"


_DESCRIPTIONS: dict[str, Callable[[str, ValidationError], str]] = {
    "required": _missing,
    "anyOf": _alternatives,
    "additionalProperties": _unknown,
    "type": _wrong_type,
    "enum": _not_allowed,
    "format": lambda name, error: f"`{name}` {_FORMATS[str(error.validator_value)]}",
    "minLength": _too_short,
    "minItems": lambda name, _: f"`{name}` is empty; list at least one item, or omit it",
    "minimum": _out_of_bounds("at least"),
    "maximum": _out_of_bounds("at most"),
    "exclusiveMinimum": _out_of_bounds("more than"),
}


def _dotted(path: Iterable[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
