"""How text that a provider or a user chose stands in a log: printable, short and in quotes."""

from __future__ import annotations

import re

from tap_voicecalls.common.errors import safe_title

LONGEST = 40
"""Characters of a name that are shown: longer than an id (a UUID has 36), shorter than prose."""

_WORD = re.compile(r"[\w.:/ -]+", re.ASCII)
_MOST_WORDS = 4


def shown(text: object) -> str:
    """Return a name as it may stand in a line of a log, in quotes.

    What is not printable is escaped, so that no name begins a line of its own or hides in one.
    """
    name = str(text)
    return repr(name if len(name) <= LONGEST else name[: LONGEST - 1] + "…")


def shown_word(text: str) -> str:
    """Return a word of a provider's vocabulary, such as a status, unless it looks like free text.

    A word has few parts and no phone number in it; what else it says may be about people.
    """
    word = text.strip()
    is_word = len(word) <= LONGEST and len(word.split()) <= _MOST_WORDS
    if is_word and _WORD.fullmatch(word) and safe_title(word) == " ".join(word.split()).rstrip("."):
        return repr(word)
    return f"(a text of {len(text)} characters)"
