"""The command: what the user can mend ends in one line, not in a traceback."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from singer_sdk.exceptions import ConfigValidationError, SingerSDKError

from tap_voicecalls.run import Interrupted, RunError
from tap_voicecalls.tap import TapVoiceCalls


def main() -> None:
    """Run the tap's command line."""
    try:
        TapVoiceCalls.cli()
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
