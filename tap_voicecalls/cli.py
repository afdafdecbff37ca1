"""The command: what the user can mend ends in one line, not in a traceback."""

from __future__ import annotations

import sys

from singer_sdk.exceptions import ConfigValidationError, SingerSDKError

from tap_voicecalls.tap import TapVoiceCalls


def main() -> None:
    """Run the tap's command line."""
    try:
        TapVoiceCalls.cli()
    except ConfigValidationError as error:
        for line in error.errors or [str(error)]:
            TapVoiceCalls.logger.error("%s", line)
        sys.exit(1)
    except SingerSDKError as error:
        TapVoiceCalls.logger.error("%s", error)
        sys.exit(1)
