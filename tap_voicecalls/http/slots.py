"""How many requests of an account are open at once: fewer after the server refused one for that."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ReadCancelled
from tap_voicecalls.http.transport.exchange import CANCEL_CHECK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

GROWS_AFTER = 100
"""So many responses in a row without such a refusal, and one more request may be open."""


class Slots:
    """Bounds the open requests of an account; safe to share between threads.

    Args:
        most: The most that may ever be open.
    """

    def __init__(self, most: int) -> None:
        self._most = self._limit = most
        self._open = self._answered = 0
        self._changed = Condition()

    @contextmanager
    def take(self, cancelled: Event) -> Iterator[None]:
        """Wait for a slot, and hold it.

        Raises:
            ReadCancelled: The read was cancelled.
        """
        with self._changed:
            while self._open >= self._limit:
                if cancelled.is_set():
                    raise ReadCancelled
                self._changed.wait(CANCEL_CHECK_SECONDS)
            self._open += 1
        try:
            yield
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify()

    def fewer(self) -> None:
        """Allow one fewer than are open now; called while the refused request holds its slot."""
        with self._changed:
            self._limit = max(1, min(self._limit, self._open) - 1)
            self._answered = 0

    def answered(self) -> None:
        """Count a response that was no such refusal."""
        if self._limit == self._most:
            return
        with self._changed:
            self._answered += 1
            if self._answered >= GROWS_AFTER:
                self._limit = min(self._limit + 1, self._most)
                self._answered = 0
                self._changed.notify()
