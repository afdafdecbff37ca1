"""What the streams of one run have in common: when it began, what failed, and how it is ended."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from singer_sdk.exceptions import SingerSDKError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_voicecalls.concurrency import Concurrency


class RunError(SingerSDKError):
    """Some accounts or streams failed; all others are complete.

    Args:
        failures: One line for each.
    """

    def __init__(self, failures: list[str]) -> None:
        super().__init__("; ".join(failures))
        self.failures = failures


class Interrupted(BaseException):
    """The user or the system asked the run to end, by Ctrl-C or SIGTERM.

    Like KeyboardInterrupt it is no Exception, so that nothing takes it for a failure.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    def __str__(self) -> str:
        return f"interrupted by {signal.Signals(self.signum).name}"


@dataclass
class Run:
    """One run of the tap.

    Attributes:
        began: When; nothing that started later is read.
        concurrency: How many requests are worth having under way.
        failures: What failed so far, one line each.
        at_end: What to do at the end, whether or not something failed.
    """

    began: datetime
    concurrency: Concurrency
    failures: list[str] = field(default_factory=list)
    at_end: list[Callable[[], object]] = field(default_factory=list)

    def end(self) -> None:
        """Tell whoever runs the tap what failed.

        Raises:
            RunError: Something did.
        """
        while self.at_end:
            self.at_end.pop()()
        if self.failures:
            raise RunError(self.failures)
