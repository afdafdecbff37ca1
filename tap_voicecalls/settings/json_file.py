"""Reads JSON files of the user; an error says which file, what is wrong, and where."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.common.safe_text import safe_name

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")  # byte order marks, or the first character
_MORE_VALUES = "Extra data"  # the decoder's message


def read_object(path: str, option: str) -> dict[str, Any]:
    """Read a JSON object from a file; fractions become exact decimals.

    Args:
        path: The path of the file.
        option: The option or setting that names the file, such as ``--state``.

    Raises:
        ConfigValidationError: The file cannot be read, or does not hold a JSON object.
    """
    place = f"`{option}`: {path}"
    content = _decoded(_text(path, place), place)
    if not isinstance(content, dict):
        refuse(f"{place} must hold a JSON object, not {_kind(content)}")
    return content


def refuse(line: str) -> NoReturn:
    """Raise a configuration error of one line."""
    raise ConfigValidationError(line, errors=[line]) from None


def _text(path: str, place: str) -> str:
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: the path contains NUL
        refuse(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}")
    if content[:2] in _UTF_16:
        refuse(f"{place} is UTF-16 text: save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        refuse(f"{place} is not UTF-8 text: line {line}, column {column}; save it as UTF-8")


def _decoded(text: str, place: str) -> Any:  # noqa: ANN401 - JSON is any value
    if not text.strip():
        refuse(f"{place} is empty: it must hold a JSON object")
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_reject_constant,
            object_pairs_hook=partial(_object, place),
        )
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}"
        if error.msg == _MORE_VALUES:
            reason += "; it must hold one object, such as the last line of a target's output"
        refuse(f"{place} is not valid JSON: {reason}")
    except RecursionError:
        refuse(f"{place} is not usable JSON: it is nested too deeply")
    except (ValueError, ArithmeticError):
        refuse(f"{place} is not usable JSON: a number in it cannot be read")


def _object(place: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, in which each name is used once: of two, the first would be ignored."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        refuse(f"{place} has {safe_name(twice)} twice in one object; remove one of them")
    return made


def _reject_constant(_: str) -> NoReturn:
    raise ValueError


def _kind(content: Any) -> str:  # noqa: ANN401 - JSON is any value
    if isinstance(content, list):
        return "a list"
    return "null" if content is None else "a single value"
