"""Mend JSON that holds values which no reader takes, so that the rest of it can be read.

Such a value becomes a mark: an object whose one key is :data:`UNREADABLE` and whose value is the
text that was sent. Each object around it gets that key too, with null: a record that holds a mark
anywhere has a field that no schema knows, so it never passes as an ordinary one.
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_voicecalls.exact import MOST_DIGITS, exact

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREADABLE = "\ufdd0unreadable"
"""The key of a mark. It begins with a code point that Unicode reserves for use inside programs."""

# Far more than any API sends. Readers of JSON give up at some 1,000 levels, less those they are
# called from, and a target reads a record some levels deeper than the tap does.
MOST_LEVELS = 100

_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|[^\s\[\]{}:,"]++', re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_NO_NUMBERS = {"NaN", "Infinity", "-Infinity"}
# A key in which text was replaced may have become the same as another one.
_REPLACED_KEY = re.compile(r'(?:\ufffd|\\ufffd)(?:[^"\\]++|\\.)*+"\s*:')


def has_replaced_keys(text: str) -> bool:
    """Tell whether a key holds U+FFFD, and so may stand twice in one object."""
    return _REPLACED_KEY.search(text) is not None


def mended(text: str) -> str:
    """Mark unreadable values, and number keys that became the same by replacing characters.

    What is no JSON for another reason stays so.
    """
    edits = sorted(_edits(text))
    parts, end = [], 0
    for edit in edits:
        parts += [text[end : edit.start], edit.new]
        end = edit.end
    return "".join([*parts, text[end:]])


def parted(record: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the marks out of a record.

    Returns:
        The record with null in place of what is unreadable; and those of its fields that hold such
        values, with the text that was sent in place of them.
    """
    fields = {name: value for name, value in record.items() if name != UNREADABLE}
    readable = {name: _without_marks(value, as_text=False) for name, value in fields.items()}
    as_text = {name: _without_marks(value, as_text=True) for name, value in fields.items()}
    marked = {name: text for name, text in as_text.items() if text != readable[name]}
    return readable, marked


def _without_marks(value: Any, *, as_text: bool) -> Any:  # noqa: ANN401 - JSON is any value
    if isinstance(value, list):
        return [_without_marks(item, as_text=as_text) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(UNREADABLE) is not None:
        return value[UNREADABLE] if as_text else None
    return {
        name: _without_marks(content, as_text=as_text)
        for name, content in value.items()
        if name != UNREADABLE
    }


class _Edit(NamedTuple):
    start: int
    end: int
    new: str


class _Level:
    """An object or array that is open, while the text is gone through.

    Attributes:
        start: Where it begins.
        is_marked: Whether it holds a mark; arrays need none.
        keys: The keys that hold replaced characters.
    """

    def __init__(self, start: int, *, is_array: bool) -> None:
        self.start = start
        self.is_marked = is_array
        self.keys = set[str]()


def _edits(text: str) -> Iterator[_Edit]:
    levels: list[_Level] = []
    string: re.Match[str] | None = None
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        if first == '"':
            string = token
        elif first == ":":
            if string and levels and len(levels) <= MOST_LEVELS:
                yield from _distinct_key(string, levels[-1].keys)
        elif first in "[{":
            levels.append(_Level(token.start(), is_array=first == "["))
        elif first in "]}":
            if levels and len(levels) == MOST_LEVELS + 1:
                yield from _marked(levels[:-1], text, levels[-1].start, token.end())
            del levels[-1:]
        elif first != "," and len(levels) <= MOST_LEVELS and _is_unreadable(token[0]):
            yield from _marked(levels, text, token.start(), token.end())


def _marked(levels: list[_Level], text: str, start: int, end: int) -> Iterator[_Edit]:
    yield _Edit(start, end, json.dumps({UNREADABLE: text[start:end]}))
    for level in levels:
        if not level.is_marked:
            level.is_marked = True
            yield _Edit(level.start, level.start + 1, f'{{"{UNREADABLE}":null,')


def _distinct_key(token: re.Match[str], keys: set[str]) -> Iterator[_Edit]:
    if "\ufffd" not in token[0] and r"\ufffd" not in token[0]:
        return
    key: str = json.loads(token[0], strict=False)
    if key in keys:
        numbered = (f"{key}_{number}" for number in count(2))
        key = next(other for other in numbered if other not in keys)
        yield _Edit(token.start(), token.end(), json.dumps(key))
    keys.add(key)


def _is_unreadable(token: str) -> bool:
    if token in _NO_NUMBERS:
        return True
    if (number := _NUMBER.fullmatch(token)) is None:
        return False
    if not any(number.groups()):
        return len(token.lstrip("-")) > MOST_DIGITS
    try:
        exact(token)
    except ArithmeticError:
        return True
    return False
