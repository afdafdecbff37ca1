"""Reads JSON files of the user; an error says which file, what is wrong, and where."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from singer_sdk.exceptions import ConfigValidationError

_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


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
    if encoding := _BYTE_ORDER_MARKS.get(content[:2]):
        refuse(f"{place} is {encoding} text: save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(
            f"{place} is not UTF-8 text: byte {error.start + 1} cannot be read; save it as UTF-8"
        )


def _decoded(text: str, place: str) -> Any:  # noqa: ANN401 - JSON is any value
    if not text.strip():
        refuse(f"{place} is empty: it must hold a JSON object")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        refuse(f"{place} is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}")
    except RecursionError:
        refuse(f"{place} is not usable JSON: it is nested too deeply")
    except (ValueError, ArithmeticError):
        refuse(f"{place} is not usable JSON: a number in it cannot be read")


def _reject_constant(_: str) -> NoReturn:
    raise ValueError


def _kind(content: Any) -> str:  # noqa: ANN401 - JSON is any value
    if isinstance(content, list):
        return "a list"
    return "null" if content is None else "a single value"
