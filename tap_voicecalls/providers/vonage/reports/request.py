"""One report that a run needs, and the pauses between two polls of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.providers.vonage.reports.report import Report


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds between two polls of a report: Vonage needs 5 to 10 minutes for a million records.

    Attributes:
        first: The first pause.
        growth: The factor from one pause to the next.
        longest: The upper limit of a pause.
    """

    first: float = 1.5
    growth: float = 1.5
    longest: float = 60.0

    def after(self, pause: float) -> float:
        """Return the pause that follows one."""
        return min(pause * self.growth, self.longest)


@dataclass
class ReportRequest:
    """A report that a run needs.

    Attributes:
        product: The product whose calls it holds.
        window: The time of these calls.
        report: The report as Vonage last described it.
        deadline: When waiting ends, on the monotonic clock.
        tries: How many reports were requested or reused for it.
    """

    product: str
    window: Window
    report: Report
    deadline: float
    tries: int = 1

    def __str__(self) -> str:
        start, end = (moment.isoformat() for moment in (self.window.start, self.window.end))
        return f"the report of {self.product} from {start} to {end}"
