"""What the streams of one run share: when it began, what has failed, and what to do at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from singer_sdk.exceptions import SingerSDKError

from tap_voicecalls.common.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_voicecalls.common.concurrency import Concurrency


class RunError(SingerSDKError):
    """Some accounts or streams failed; all others are complete.

    Args:
        failures: One line for each failure.
    """

    def __init__(self, failures: list[str]) -> None:
        super().__init__("; ".join(failures))
        self.failures = failures


@dataclass
class Run:
    """One run of the tap.

    Attributes:
        began: When the run began; calls that started later are not read.
        concurrency: How many requests to send at once.
        failures: One line for each failure so far.
        progress: How far the run is.
        at_first_read: Functions to call when the first stream is read.
        at_end: Functions to call at the end, in reverse order, whether or not something failed.
    """

    began: datetime
    concurrency: Concurrency
    failures: list[str] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)
    at_first_read: list[Callable[[], object]] = field(default_factory=list)
    at_end: list[Callable[[], object]] = field(default_factory=list)

    def begin_reading(self) -> None:
        """Call the functions of the first read, once."""
        while self.at_first_read:
            self.at_first_read.pop(0)()

    def end(self) -> None:
        """Call the functions of the end, then report all failures.

        Raises:
            RunError: Something failed.
        """
        while self.at_end:
            try:
                self.at_end.pop()()
            except Exception as error:  # noqa: BLE001 - it must not hide earlier failures
                self.failures.append(f"unexpected {type(error).__name__} at the end of the run")
        if self.failures:
            raise RunError(self.failures)
