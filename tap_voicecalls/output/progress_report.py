"""Shows the progress of a run: a bar on a terminal, else a line of the log now and then.

Both need the log level INFO of the logger `tap-voicecalls.progress`, and have a thread of their
own, so that records do not wait for them and a wait without records is shown too.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tqdm import tqdm

    from tap_voicecalls.common.progress import Progress

LOGGER = logging.getLogger("tap-voicecalls.progress")
SECONDS_A_LINE = 10.0
"""The seconds from one line of the log to the next."""
_SAME_LINES = 6  # a read that does not advance is shown every so many times
_SECONDS_A_FRAME = 0.5
_GRACE = 1.0  # seconds for the end of a line, if nobody reads the log any more
_BAR = "|{bar:20}| {desc}"


class _Report(Protocol):
    """Shows the progress, each time it is asked to."""

    def show(self) -> None:
        """Show it as it is now."""


@contextmanager
def shown(progress: Progress) -> Iterator[None]:
    """Show the progress of a run until it ends, unless the log level says to be quiet."""
    if not LOGGER.isEnabledFor(logging.INFO):
        yield
        return
    with ExitStack() as stack:
        report: _Report
        if is_terminal():
            report, seconds = stack.enter_context(_bar(progress)), _SECONDS_A_FRAME
        else:
            report, seconds = LogLines(progress), SECONDS_A_LINE
        stack.enter_context(_thread(report, seconds))
        yield


def is_terminal() -> bool:
    """Whether a bar can be drawn: the log goes to a terminal, and the records do not."""
    if os.environ.get("TERM", "dumb") == "dumb" or _width(sys.stdout):
        return False
    return _width(sys.stderr) > 0


class LogLines:
    """Writes lines to the log.

    Args:
        progress: The progress.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last: tuple[object, ...] = ()
        self._same = 0

    def show(self) -> None:
        """Write a line, if a read is under way; seldom if it has not advanced since the last."""
        if (reading := self._progress.current) is None:
            return
        facts = (reading, *reading.facts)
        self._same = self._same + 1 if facts == self._last else 0
        self._last = facts
        if self._same % _SAME_LINES == 0:
            LOGGER.info("%s: %s", reading.name, reading.describe())


class _Bar:
    """Draws a bar while a read is under way."""

    def __init__(self, progress: Progress, make: Callable[[], tqdm[Any]]) -> None:
        self._progress, self._make = progress, make
        self._drawn: tqdm[Any] | None = None

    def show(self) -> None:
        """Draw the bar as it is now; remove it between two reads."""
        if (reading := self._progress.current) is None:
            self.close()
            return
        self._drawn = self._drawn or self._make()
        self._drawn.n = reading.share * 100
        self._drawn.set_description_str(f"{reading.name}: {reading.describe()}")

    def close(self) -> None:
        """Remove the bar."""
        if self._drawn is not None:
            self._drawn.clear()
            self._drawn.close()
            self._drawn = None


@contextmanager
def _bar(progress: Progress) -> Iterator[_Bar]:
    """Make a bar that lines of the log do not break; it is removed at the end."""
    from tqdm import tqdm  # noqa: PLC0415 - only terminals need it
    from tqdm.contrib.logging import logging_redirect_tqdm  # noqa: PLC0415 - the same

    tqdm.monitor_interval = 0  # no thread of its own: it is drawn by ours
    bar = _Bar(
        progress,
        lambda: tqdm(
            total=100, file=sys.stderr, leave=False, dynamic_ncols=True, bar_format=_BAR, delay=1
        ),
    )
    with logging_redirect_tqdm():
        try:
            yield bar
        finally:
            bar.close()


@contextmanager
def _thread(report: _Report, seconds: float) -> Iterator[None]:
    """Let a report show the progress every so many seconds."""
    ended = Event()

    def run() -> None:
        while not ended.wait(seconds):
            report.show()

    thread = Thread(target=run, name="progress", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system has no more threads: the run goes on without a report
        yield
        return
    try:
        yield
    finally:
        ended.set()
        thread.join(_GRACE)


def _width(stream: Any) -> int:  # noqa: ANN401 - any text stream, or None
    """Return the columns of a terminal; 0 of what is none, or does not know its size."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (AttributeError, OSError, ValueError):  # None, text in memory, or closed
        return 0
