"""Text of providers and users in a log: on one line, short, and without phone numbers."""

from __future__ import annotations

import re

LONGEST = 40
"""The most characters of a name in a log: longer than an id (a UUID has 36), shorter than prose."""

_LONGEST_TITLE = 80
_WORD = re.compile(r"[\w.:/ -]+", re.ASCII)
_MOST_WORDS = 4
# Seven or more digits, with any separators, may be a person's number; error codes are shorter.
_DIGITS = re.compile(r"\d(?:[\W_]{0,3}\d){6,}")


def safe_title(text: str) -> str:
    """Return a provider's error title with what may be a phone number or an id replaced by ``#``.

    The result is empty if the title is long, as it may quote data then.
    """
    # Characters that move a cursor, color a terminal or reverse the text direction are removed.
    line = " ".join("".join(filter(str.isprintable, word)) for word in text.split()).rstrip(".")
    return _DIGITS.sub("#", line) if len(line) <= _LONGEST_TITLE else ""


def safe_name(text: object) -> str:
    """Return a name in quotes, cut if it is long.

    Unprintable characters are escaped, so that a name cannot start a log line of its own or hide.
    """
    name = str(text)
    return repr(name if len(name) <= LONGEST else name[: LONGEST - 1] + "…")


def safe_word(text: str) -> str:
    """Return a word of a provider's vocabulary, such as a status, in quotes.

    Text that is long, has many parts or contains a phone number may be about people: only its
    length is returned.
    """
    word = text.strip()
    is_word = len(word) <= LONGEST and len(word.split()) <= _MOST_WORDS
    if is_word and _WORD.fullmatch(word) and safe_title(word) == " ".join(word.split()).rstrip("."):
        return repr(word)
    return f"(a text of {len(text)} characters)"
