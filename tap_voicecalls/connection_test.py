"""`--test`: does each account answer for each of its streams?"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.streams.base import CallStream


def ask_each_account(streams: Iterable[CallStream], run: Run) -> None:
    """Read the first window of each account and stream, and write nothing of it.

    Args:
        streams: Those of the providers.
        run: Takes a line for each that fails.
    """
    for stream in streams:
        stream.ABORT_AT_RECORD_COUNT = 1  # as the SDK marks a test
        stream.feed_nothing()
        for context in stream.partitions:
            try:
                with closing(stream.read_account(context)) as windows:
                    next(windows, None)
            except ApiError as error:
                run.failures.append(str(error))
            else:
                stream.logger.info("%s: ok", stream.named(context["account"]))
