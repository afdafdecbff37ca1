"""What aborts a run: it ends at once, for all accounts and streams."""

from __future__ import annotations

import signal


class RunAborted(BaseException):
    """Ends the run at once, for all accounts and streams.

    It is no `Exception`, like `KeyboardInterrupt`, so that code that handles the failure of one
    account does not catch it.
    """


class OutputError(RunAborted):
    """The output cannot be written any more, so records that are read from now on are lost."""


class Interrupted(RunAborted):
    """The user or the system interrupted the run, with Ctrl-C or SIGTERM."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    def __str__(self) -> str:
        return f"interrupted by {signal.Signals(self.signum).name}"
