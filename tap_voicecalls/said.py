"""Whether anything was said in a call, whatever shape its transcript has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where APIs put the words of a turn, or of a part of one. A role or a time is none.
_WORDS_IN = {"content", "text", "message", "transcript", "words", "parts"}


def has_words(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    """Tell whether a transcript holds words: a text, turns, turns of parts; `[{}]` holds none."""
    match value:
        case str():
            return bool(value.strip())
        case list():
            return any(has_words(item) for item in value)
        case dict():
            return any(has_words(part) for name, part in value.items() if _may_hold_words(name))
        case _:
            return False


def _may_hold_words(name: str) -> bool:
    return name in _WORDS_IN or name.isdecimal()  # turns by their number


def said_beside(additional_fields: Mapping[str, Any] | None, *names: str) -> bool:
    """Tell whether fields that did not fit their schema hold words.

    Args:
        additional_fields: What a record holds beside the fields of its schema.
        names: The fields that may hold words.
    """
    beside = additional_fields or {}
    return any(has_words(beside.get(name)) for name in names)
