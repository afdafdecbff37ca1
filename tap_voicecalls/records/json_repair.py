"""Repairs JSON with values that no reader accepts, so that the rest of it can be read.

Such a value becomes a mark: an object whose only key is :data:`UNREADABLE` and whose value is the
text that was sent. Each object around it gets that key too, with null. So a record that contains a
mark has a field that no schema declares, and is never decoded as an ordinary record.
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_voicecalls.records.exact import MOST_DIGITS, exact

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREADABLE = "\ufdd0unreadable"
"""The key of a mark. It begins with a code point that Unicode reserves for use inside programs."""

# Far more than any API sends. JSON readers fail at some 1,000 levels, including the levels of
# their callers, and a target reads a record some levels deeper than the tap does.
MOST_LEVELS = 100

# A string without its end reaches to the end of the text, so that nothing is scanned twice.
_STRING = r'"(?:[^"\\]++|\\.)*+"?+'
_TOKENS = re.compile(rf'{_STRING}|[\[\]{{}}:,]|[^\s\[\]{{}}:,"]++', re.DOTALL)
_STRINGS = re.compile(rf"({_STRING})(\s*+:)?+", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f]")  # JSON requires these to be escaped, and some programs do not
_NO_NUMBERS = {"NaN", "Infinity", "-Infinity"}


def has_replaced_keys(text: str) -> bool:
    """Return whether a key contains U+FFFD, so that it may have become equal to another key."""
    if "\ufffd" not in text and r"\ufffd" not in text:
        return False
    return any(_is_replaced(found[1]) for found in _STRINGS.finditer(text) if found[2])


def repaired(text: str) -> str:
    """Mark unreadable values, escape control characters in strings, and number equal keys.

    Keys are numbered if they became equal because characters in them were replaced. A text that is
    not JSON for another reason stays as it is.
    """
    # Of several edits with the same start, the longest is used.
    edits = sorted(_edits(text), key=lambda edit: (edit.start, -edit.end))
    parts, end = [], 0
    for edit in edits:
        if edit.start < end:
            continue  # inside a value that is replaced completely
        parts += [text[end : edit.start], edit.new]
        end = edit.end
    return "".join([*parts, text[end:]])


def split_unreadable(record: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Remove the marks from a record.

    Returns:
        The record with null in place of unreadable values; and its fields with such values, with
        the text that was sent in place of the values.
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
    """An object or array that is open while the text is scanned.

    Attributes:
        start: Where it starts.
        is_marked: Whether it contains a mark; arrays need none.
        keys: The keys with replaced characters.
    """

    def __init__(self, start: int, *, is_array: bool) -> None:
        self.start = start
        self.is_marked = is_array
        self.keys = set[str]()


class _Levels:
    """The objects and arrays that are open; of those that are too deep, only the outermost.

    Attributes:
        kept: Those that are not too deep, the outermost first.
    """

    def __init__(self) -> None:
        self.kept: list[_Level] = []
        self._deep_from = 0
        self._depth = 0

    @property
    def are_too_deep(self) -> bool:
        """Whether the next token is part of a value that is nested too deeply."""
        return self._depth > MOST_LEVELS

    def open(self, start: int, *, is_array: bool) -> None:
        """Start an object or array."""
        self._depth += 1
        if self._depth <= MOST_LEVELS:
            self.kept.append(_Level(start, is_array=is_array))
        elif self._depth == MOST_LEVELS + 1:
            self._deep_from = start

    def close(self) -> int | None:
        """End the innermost; return the start of a value that is too deep, if it ends here."""
        self._depth -= 1
        if self._depth < MOST_LEVELS:
            del self.kept[-1:]
        return self._deep_from if self._depth == MOST_LEVELS else None


def _edits(text: str) -> Iterator[_Edit]:
    levels = _Levels()
    string: re.Match[str] | None = None
    for token in _TOKENS.finditer(text):
        start, end = token.span()
        first = text[start]
        if first == '"':
            string = token
            yield from _escaped(token)
        elif first in "[{":
            levels.open(start, is_array=first == "[")
        elif first in "]}":
            if (deep_from := levels.close()) is not None:
                yield from _marked(levels.kept, text, deep_from, end)
        elif levels.are_too_deep:
            continue
        elif first == ":":
            if string and levels.kept:
                yield from _distinct_key(string, levels.kept[-1].keys)
        elif first != "," and _is_unreadable(token[0]):
            yield from _marked(levels.kept, text, start, end)


def _escaped(token: re.Match[str]) -> Iterator[_Edit]:
    for sign in _CONTROL.finditer(token[0]):
        position = token.start() + sign.start()
        new = r"\ufffd" if sign[0] == "\0" else f"\\u{ord(sign[0]):04x}"
        yield _Edit(position, position + 1, new)


def _marked(levels: list[_Level], text: str, start: int, end: int) -> Iterator[_Edit]:
    yield _Edit(start, end, json.dumps({UNREADABLE: text[start:end]}))
    for level in levels:
        if not level.is_marked:
            level.is_marked = True
            yield _Edit(level.start, level.start + 1, f'{{"{UNREADABLE}":null,')


def _distinct_key(token: re.Match[str], keys: set[str]) -> Iterator[_Edit]:
    if not _is_replaced(token[0]):
        return
    key: str = json.loads(token[0], strict=False)
    if key in keys:
        numbered = (f"{key}_{number}" for number in count(2))
        key = next(other for other in numbered if other not in keys)
        yield _Edit(token.start(), token.end(), json.dumps(key))
    keys.add(key)


def _is_replaced(string: str) -> bool:
    return "\ufffd" in string or r"\ufffd" in string


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
