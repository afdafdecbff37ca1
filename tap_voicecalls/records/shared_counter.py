"""A counter that threads share."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class SharedCounter:
    """Counts by name; safe to share between threads."""

    def __init__(self) -> None:
        self._counts = Counter[str]()
        self._lock = Lock()

    def add(self, name: str, count: int = 1) -> None:
        """Add to the count of a name."""
        with self._lock:
            self._counts[name] += count

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __str__(self) -> str:
        """Write the names with their counts, the most frequent first, as in `cost (2)`."""
        with self._lock:
            return ", ".join(f"{name} ({count})" for name, count in self._counts.most_common())
