"""The command: what the user can mend ends in one line, not in a traceback."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from singer_sdk.exceptions import ConfigValidationError, SingerSDKError

from tap_voicecalls.run import Interrupted, RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Run the tap's command line."""
    in_one_line(TapVoiceCalls.cli)


def in_one_line(command: Callable[[], object]) -> None:
    """Run a command; what the user can mend ends the process with a line for each thing."""
    try:
        command()
    except ConfigValidationError as error:
        _fail(1, *error.errors)
    except RunError as error:
        _fail(1, *error.failures)
    except SingerSDKError as error:
        _fail(1, str(error))
    except Interrupted as reason:
        _fail(128 + reason.signum, str(reason))


def _fail(code: int, *lines: str) -> NoReturn:
    for line in lines:
        TapVoiceCalls.logger.error("%s", line)
    # Leaves behind requests that are under way and an output nobody reads; the last state is out.
    sys.stderr.flush()
    os._exit(code)
