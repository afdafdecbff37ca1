"""Whether a value that landed is the one that was written, and if not, what became of it."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from targets.readers import exact_json

_ESCAPED = str.maketrans({"\r": "\\r", "\n": "\\n", "\t": "\\t"})
_TRUE, _FALSE = {"true", "1", "t"}, {"false", "0", "f"}


def kind_of(schema: dict[str, Any]) -> str:
    """Name the kind of a field: amount, time, object, text, integer or boolean."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if schema.get("format") == "x-singer.decimal" or "number" in types:
        return "amount"
    if schema.get("format") == "date-time":
        return "time"
    for name, kind in (("object", "object"), ("array", "object"), ("integer", "integer")):
        if name in types:
            return kind
    return "boolean" if "boolean" in types else "text"


def unlike(kind: str, wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    """Say what became of a value; nothing if it is as it was written."""
    if wanted is None or landed is None:
        is_json = kind == "object" and landed == "null"
        return "NULL becomes the null of JSON" if is_json else _null(wanted, landed)
    try:
        return _CHECKS[kind](wanted, landed)
    except (ValueError, InvalidOperation, SyntaxError, TypeError):
        return "unreadable"


def as_key(kind: str, value: Any) -> str:  # noqa: ANN401 - any value
    """Return a value as a part of a key."""
    return _moment(value).astimezone(UTC).isoformat() if kind == "time" and value else str(value)


def _null(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    if wanted is landed:
        return ""
    if landed is not None:
        return "NULL becomes a value"
    return "an empty text becomes NULL" if wanted == "" else "a value becomes NULL"


def _amount(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    """Compare digits; a float counts as the shortest number that it stands for."""
    if Decimal(str(landed)) == Decimal(str(wanted)):
        return ""
    return "float" if _is_near(wanted, landed) else "another amount"


def _is_near(wanted: Any, landed: Any) -> bool:  # noqa: ANN401 - any number
    return abs(float(landed) - float(wanted)) <= abs(float(wanted)) * 1e-5


def _time(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    moment, other = _moment(wanted), _moment(landed)
    if moment == other:
        return ""
    apart = abs((moment - other).total_seconds())
    if apart < 1:
        return "less than a second apart" if other.microsecond else "cut to whole seconds"
    return f"{apart:g} s apart"


def _moment(value: Any) -> datetime:  # noqa: ANN401 - any value
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _object(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    value, note = landed, ""
    if isinstance(landed, str):
        try:
            value = exact_json(landed)
        except ValueError:
            # A Decimal in Python's text of an object is a call, which is no literal.
            value = None if "Decimal(" in landed else ast.literal_eval(landed)
            note = "Python text"
    if note or _same(wanted, value):
        return note
    return "amounts inside as float" if _same(_floats(wanted), _floats(value)) else "otherwise"


def _same(wanted: Any, landed: Any) -> bool:  # noqa: ANN401 - any JSON
    """Compare JSON, with JSON inside texts of lists read as well."""
    if isinstance(wanted, dict) and isinstance(landed, dict):
        return wanted.keys() == landed.keys() and all(
            _same(value, landed[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(landed, list):
        return len(wanted) == len(landed) and all(map(_same, wanted, landed))
    if isinstance(wanted, (dict, list)) and isinstance(landed, str):
        return _same(wanted, exact_json(landed))
    if isinstance(landed, float) and not isinstance(wanted, float):
        landed = Decimal(str(landed))
    return bool(wanted == landed)


def _floats(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON with its numbers as a float can hold them."""
    if isinstance(value, dict):
        return {name: _floats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_floats(inner) for inner in value]
    return float(value) if isinstance(value, (Decimal, int)) else value


def _text(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    wanted, landed = str(wanted), str(landed)
    if wanted == landed:
        return ""
    if wanted.translate(_ESCAPED) == landed:
        return "line breaks and tabs become texts such as \\n"
    lines = (text.replace("\r\n", "\n").replace("\r", "\n") for text in (wanted, landed))
    return "CR LF becomes LF" if len(set(lines)) == 1 else "another text"


def _integer(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    return "" if Decimal(str(landed)) == Decimal(str(wanted)) else "another integer"


def _boolean(wanted: Any, landed: Any) -> str:  # noqa: ANN401 - any value
    text = str(landed).lower()
    return "" if text in (_TRUE if wanted else _FALSE) else "another truth"


_CHECKS = {
    "amount": _amount,
    "time": _time,
    "object": _object,
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
}
