"""What ends a run at once, for all accounts and streams."""

from __future__ import annotations

import signal


class RunAborted(BaseException):
    """Ends the run at once, for all accounts and streams.

    Like KeyboardInterrupt it is no Exception, so that nothing takes it for the failure of one.
    """


class OutputError(RunAborted):
    """The output cannot be written any more: whatever is read from here on is lost."""


class Interrupted(RunAborted):
    """The user or the system asked the run to end, by Ctrl-C or SIGTERM."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    def __str__(self) -> str:
        return f"interrupted by {signal.Signals(self.signum).name}"
