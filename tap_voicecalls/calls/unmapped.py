"""The providers' words that no table maps, for one warning at the end of a run."""

from __future__ import annotations

from collections import Counter
from threading import Lock

from tap_voicecalls.common.safe_text import safe_word

_MOST_WORDS = 20  # an enumeration has fewer; a field of free text has any number


class UnmappedWords:
    """Counts the words of a field that are unknown in its vocabulary; safe to share.

    Args:
        field: The field that holds the provider's own word.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._counts = Counter[tuple[str, str]]()
        self._lock = Lock()

    def add(self, provider: str | None, word: str) -> None:
        """Count a word."""
        with self._lock:
            self._counts[str(provider), word] += 1

    def warning(self) -> str | None:
        """Return the warning, without more of a word than a log may hold; None if there is none."""
        counts = Counter[tuple[str, str]]()
        for (provider, word), count in self._counts.items():
            counts[provider, safe_word(word)] += count
        if not counts:
            return None
        named = [
            f"{provider} {word} {count} times"
            for (provider, word), count in counts.most_common(_MOST_WORDS)
        ]
        others = f" and {len(counts) - _MOST_WORDS} more" if len(counts) > _MOST_WORDS else ""
        return f"reported as unknown: {', '.join(named)}{others}; `{self._field}` has them"
