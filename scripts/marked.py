"""Parts of a file that are generated, between two comments that mark them."""

from __future__ import annotations

import re


def replaced(text: str, name: str, content: str) -> str:
    """Put content between the lines that say ``begin NAME`` and ``end NAME``.

    Raises:
        ValueError: The text has no such lines, or more than one pair.
    """
    pattern = re.compile(
        rf"(^[^\n]*\bbegin {re.escape(name)}\b[^\n]*\n).*?(^[^\n]*\bend {re.escape(name)}\b)",
        re.DOTALL | re.MULTILINE,
    )
    found, count = pattern.subn(lambda marks: f"{marks[1]}{content}{marks[2]}", text)
    if count != 1:
        message = f"expected one pair of lines with `begin {name}` and `end {name}`, found {count}"
        raise ValueError(message)
    return found
