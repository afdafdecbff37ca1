"""The known name that is most like a wrong one. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "check its name") -> str:
    """Return the question that names the most similar known name, or other advice if none is."""
    close = get_close_matches(name.lower(), list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise
