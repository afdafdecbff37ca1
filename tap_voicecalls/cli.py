"""The command: what goes wrong ends in one line that quotes no data, not in a traceback."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from singer_sdk.exceptions import ConfigValidationError, SingerSDKError

from tap_voicecalls.common.run import RunError
from tap_voicecalls.output.abort import Interrupted, RunAborted
from tap_voicecalls.output.stdout import checked_stdout
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_SIGNALLED = 128  # what shells add to the number of a signal
_GRACE = 1.0  # seconds for the last lines of a log that nobody may read any more
_MOST_FRAMES = 4  # of the code that failed: enough to find a defect, in one line


def main() -> None:
    """Run the tap's command line."""
    in_one_line(TapVoiceCalls.cli)


def in_one_line(command: Callable[[], object]) -> None:
    """Run a command; what goes wrong ends the process with a line for each thing."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _interrupt)
    try:
        with checked_stdout():
            command()
    except ConfigValidationError as error:
        _fail(1, *error.errors)
    except RunError as error:
        _fail(1, *error.failures)
    except Interrupted as reason:
        _fail(_SIGNALLED + reason.signum, str(reason))
    except (SingerSDKError, RunAborted) as error:
        _fail(1, str(error))
    except OSError as error:
        _fail(1, _of_system(error))
    except Exception as error:  # noqa: BLE001 - its text may quote data
        _fail(1, _defect(error))


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    """End the command; a tap that reads has its own way, which never cuts a line."""
    del frame
    raise Interrupted(signum)


def _of_system(error: OSError) -> str:
    """Tell what the system refused; only paths of the user's are named."""
    where = f": {error.filename}" if isinstance(error.filename, str) else ""
    reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
    return f"the run ended: {reason}{where}"


def _defect(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    places = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames))
    return f"unexpected {type(error).__name__} at {places}; please report this line as a defect"


def _fail(code: int, *lines: str) -> NoReturn:
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, partial(_exit_soon, code))
    if code > _SIGNALLED:
        _exit_soon(code)
    for line in lines:
        TapVoiceCalls.logger.error("%s", line)
    # Leaves behind requests that are under way and an output nobody reads; the last state is out.
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(code)


def _exit_soon(code: int, *_: object) -> None:
    """End the process soon, even if the log is a pipe that is full."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.signal(signal.SIGALRM, lambda *_: os._exit(code))
        signal.setitimer(signal.ITIMER_REAL, _GRACE)
