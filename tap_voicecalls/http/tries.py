"""Tries a request until it succeeds, or the retry policy ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tap_voicecalls.common.errors import ApiError, TransientError
from tap_voicecalls.http.rate_gate import sleep

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from tap_voicecalls.http.retry import RetryPolicy
    from tap_voicecalls.http.transport.exchange import Deadline

Result = TypeVar("Result")


def try_until_done(
    attempt: Callable[[], Result],
    policy: RetryPolicy,
    deadline: Deadline,
    cancelled: Event,
    announce: Callable[[str, float], object] = lambda *_: None,
) -> Result:
    """Return the result of an attempt; after a failure that may pass, wait and try again.

    Args:
        attempt: Sends the request once.
        policy: How often to try, and how long to wait.
        deadline: The deadline of all tries.
        cancelled: Ends all waits when set.
        announce: Called before each wait, with a line for the log and the seconds.

    Raises:
        ApiError: All tries failed.
        ReadCancelled: The read was cancelled.
    """
    waits, tries = policy.waits(), 0
    while True:
        try:
            return attempt()
        except TransientError as error:
            tries += 1
            wait = max(error.wait, next(waits))
            if tries >= policy.tries or wait > deadline.left():
                raise _gave_up(error, policy) from None
            line = f"{error}; trying again in {wait:.1f} s (try {tries} failed)"
        announce(line, wait)
        sleep(wait, cancelled)


def _gave_up(error: TransientError, policy: RetryPolicy) -> ApiError:
    if error.wait > policy.seconds:
        pause = f"the server asked for a pause of {error.wait:.0f} s"
        return ApiError(f"{error}; {pause}, more than `max_retry_seconds`")
    return ApiError(f"{error}; gave up, see `max_tries` and `max_retry_seconds`")
