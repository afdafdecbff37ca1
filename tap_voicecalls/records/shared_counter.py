"""What was put aside while reading, counted by many threads and told once."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class SharedCounter:
    """Counts things by name; safe to share between threads."""

    def __init__(self) -> None:
        self._counts = Counter[str]()
        self._lock = Lock()

    def add(self, name: str, count: int = 1) -> None:
        """Count one more, or several."""
        with self._lock:
            self._counts[name] += count

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __str__(self) -> str:
        """Write the names with their counts, the most frequent first, as in `cost (2)`."""
        with self._lock:
            return ", ".join(f"{name} ({count})" for name, count in self._counts.most_common())
