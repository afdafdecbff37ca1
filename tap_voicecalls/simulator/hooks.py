"""Functions of tests that the simulator calls: before each request, and for each record."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_voicecalls.simulator.messages import Request


class Hooks:
    """The registered functions, in the order in which they were added."""

    def __init__(self) -> None:
        self._on_request: list[Callable[[Request], None]] = []
        self._on_record: list[Callable[[str, dict[str, object]], None]] = []
        self._lock = threading.RLock()

    def add_request_hook(self, hook: Callable[[Request], None]) -> Callable[[], None]:
        """Add a function to call with every request; return a function that removes it."""
        self._on_request.append(hook)
        return lambda: self._on_request.remove(hook)

    def add_record_hook(self, hook: Callable[[str, dict[str, object]], None]) -> Callable[[], None]:
        """Add a function to call with every record; return a function that removes it."""
        self._on_record.append(hook)
        return lambda: self._on_record.remove(hook)

    def before_request(self, request: Request) -> None:
        """Call the request hooks, for one request at a time."""
        with self._lock:
            for hook in tuple(self._on_request):
                hook(request)

    def edit_record(self, stream: str, record: dict[str, object]) -> None:
        """Let the record hooks change a record in place."""
        for hook in tuple(self._on_record):
            hook(stream, record)
