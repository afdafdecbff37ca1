"""Names and words of others in a log: printable, short, in quotes."""

from __future__ import annotations

import pytest

from tap_voicecalls.common.shown import shown, shown_word


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("berlin", "'berlin'"),
        ("a\nERROR b", r"'a\nERROR b'"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("\u202eevil\u200b", r"'\u202eevil\u200b'"),
        ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "'6f9619ff-8b86-d011-b42d-00cf4fc964ff'"),
        ("x" * 41, "'" + "x" * 39 + "…'"),
        (7, "'7'"),
    ],
)
def test_a_name_is_one_short_printable_text(name: object, expected: str) -> None:
    """A name with a newline or an escape forges lines of a log, or hides in them."""
    assert shown(name) == expected


@pytest.mark.parametrize("word", ["user_hangup", "Hung up", "error.timeout", "SIP 486", "a/b-c:d"])
def test_a_word_is_shown(word: str) -> None:
    """Who sees a status that nobody knows wants to know which."""
    assert shown_word(word) == repr(word)


@pytest.mark.parametrize(
    "text",
    [
        "+12025550123",
        "called 202-555-0123",
        "Ann Lee said she would call back",
        "x" * 41,
        "ann@example.com",
        "a\x1bb",
        "é",
        "",
    ],
)
def test_what_looks_like_free_text_is_not_shown(text: str) -> None:
    """A status of free text may be about a person, who has no place in a log."""
    assert shown_word(text) == f"(a text of {len(text)} characters)"
