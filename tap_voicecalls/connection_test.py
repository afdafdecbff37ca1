"""`--test`: checks that each account of each stream can be read."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from tap_voicecalls.common.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.streams.base import CallStream


def check_each_account(streams: Iterable[CallStream], run: Run) -> None:
    """Read the first window of each account of each stream, and write none of its records.

    Args:
        streams: The streams of the providers.
        run: Gets a line for each account that fails.
    """
    for stream in streams:
        stream.ABORT_AT_RECORD_COUNT = 1  # the SDK's mark of a test
        stream.feed_nothing()
        for context in stream.partitions:
            try:
                with closing(stream.read_account(context)) as windows:
                    next(windows, None)
            except ApiError as error:
                run.failures.append(str(error))
            else:
                stream.logger.info("%s: ok", stream.named(context["account"]))
