"""The command: every error is reported in one line without data, not as a traceback."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from singer_sdk.exceptions import ConfigValidationError, SingerSDKError

from tap_voicecalls.common.run import RunError
from tap_voicecalls.connection_test import MELTANO_PLUGIN, is_test_by_meltano
from tap_voicecalls.output.abort import Interrupted, RunAborted
from tap_voicecalls.output.stdout import checked_stdout
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

_SIGNALLED = 128  # shells add it to the number of the signal
_GRACE = 1.0  # seconds to write the last lines of the log, which may have no reader any more
_COLLECT_EVERY = 20_000  # new objects
_ARENA_MAX = -8  # malloc.h
_MOST_FRAMES = 4  # of the code that failed: enough to find a defect


def main() -> None:
    """Run the tap's command line."""
    # Records have no cycles. Looking for some among all that is held takes a tenth of a run's time.
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    share_freed_memory()
    run_command(TapVoiceCalls.cli)


def share_freed_memory() -> None:
    """Let threads reuse the memory that others freed: a run's peak is a quarter lower.

    By default, glibc keeps memory apart for each thread. Other libraries have no such setting.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(ImportError, OSError, AttributeError):  # a Python or a system without it
            import ctypes  # noqa: PLC0415 - some builds of Python lack it

            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def run_command(command: Callable[[], object]) -> None:
    """Run a command; errors end the process with one line each."""
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
    except Exception as error:  # noqa: BLE001 - the error's text may quote data
        _fail(1, _defect(error))


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    """End the command; the SDK replaces this handler while a tap reads."""
    del frame
    raise Interrupted(signum)


def _of_system(error: OSError) -> str:
    """Describe what the system refused; only paths that the user gave are named."""
    where = f": {error.filename}" if isinstance(error.filename, str) else ""
    reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
    return f"the run failed: {reason}{where}"


def _defect(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    places = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames))
    return f"unexpected {type(error).__name__} at {places}; please report this line as a defect"


def _fail(code: int, *lines: str) -> NoReturn:
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, partial(_exit_soon, code))
    if code > _SIGNALLED:
        _exit_soon(code)
    if is_test_by_meltano(os.environ):
        sys.stderr.write(f"{_in_one(lines, os.environ[MELTANO_PLUGIN])}\n")
    else:
        for line in lines:
            TapVoiceCalls.logger.error("%s", line)
    # Running requests and an output without a reader must not delay the exit; the state is written.
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(code)


def _in_one(lines: Sequence[str], plugin: str) -> str:
    """Return the first line and how to see the others: Meltano shows one, as it is written."""
    more = f" ({len(lines) - 1} more: meltano invoke {plugin} --test)" if lines[1:] else ""
    return f"{lines[0]}{more}"


def _exit_soon(code: int, *_: object) -> None:
    """End the process soon, even if the log is a full pipe."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.signal(signal.SIGALRM, lambda *_: os._exit(code))
        signal.setitimer(signal.ITIMER_REAL, _GRACE)
