"""What the streams of one run have in common: when it began, what failed, and how it is ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from singer_sdk.exceptions import SingerSDKError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_voicecalls.common.concurrency import Concurrency


class RunError(SingerSDKError):
    """Some accounts or streams failed; all others are complete.

    Args:
        failures: One line for each.
    """

    def __init__(self, failures: list[str]) -> None:
        super().__init__("; ".join(failures))
        self.failures = failures


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
            try:
                self.at_end.pop()()
            except Exception as error:  # noqa: BLE001 - it must not hide what failed before
                self.failures.append(f"unexpected {type(error).__name__} at the end of the run")
        if self.failures:
            raise RunError(self.failures)
