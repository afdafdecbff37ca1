"""What can go wrong with an API, in words that tell the user what to do.

Errors go by what happens next: :class:`TransientError` is tried again, :class:`ApiError` ends the
stream, :class:`BadAnswer` is raised by pure code that does not know whom it speaks of, and becomes
an :class:`ApiError` where that is known. No message ever holds a body, a key or a phone number.
"""

from __future__ import annotations

from http import HTTPStatus

from singer_sdk.exceptions import FatalAPIError, RetriableAPIError


class BadAnswer(ValueError):  # noqa: N818 - reads as what it is
    """An answer is not what the provider's documents promise."""


class ApiError(FatalAPIError):
    """A provider cannot be read.

    Args:
        message: One line for the user.
        status: The status of the answer, if it was one.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class OutcomeUnknown(ApiError):  # noqa: N818 - reads as what it is
    """A request that must not be sent twice may have been carried out: no answer tells."""


class TransientError(RetriableAPIError):
    """A request failed in a way that may pass.

    Args:
        message: One line for the log.
        wait: Seconds the server asked to wait, if it did.
        not_done: Whether it is certain that the server did nothing.
    """

    def __init__(self, message: str, *, wait: float = 0, not_done: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.not_done = not_done


class ReadCancelled(Exception):  # noqa: N818 - no error: others have ended the reading already
    """Nobody waits for an answer any more."""


def advice(status: int, *, provider: str, keys: str) -> str:
    """Say what to check when a provider refuses a request with a 4xx status.

    Args:
        status: The status.
        provider: Name of the provider's settings object.
        keys: The settings that hold the account's keys, as the user wrote them.
    """
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return f"the provider rejected {keys}; check for a typing error, or an old key"
        case HTTPStatus.FORBIDDEN:
            return f"check that the account behind {keys} may read call records"
        case HTTPStatus.NOT_FOUND:
            return f"check `{provider}.base_url`: there is no such endpoint"
        case _:
            return (
                f"the provider rejected the request; check the settings of `{provider}`, and the "
                "provider's API docs for changes"
            )


def phrase(status: int) -> str:
    """Name a status code as in ``404 Not Found``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
