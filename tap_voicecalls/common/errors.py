"""Errors of APIs, with messages that tell the user what to do.

The classes differ in what happens next: a :class:`TransientError` is retried, an :class:`ApiError`
ends the stream of one account, and a :class:`BadAnswer` becomes an :class:`ApiError` as soon as the
account is known. No message contains a body, a key or a phone number.
"""

from __future__ import annotations

from http import HTTPStatus

from singer_sdk.exceptions import FatalAPIError, RetriableAPIError


class BadAnswer(ValueError):  # noqa: N818 - reads as what it is
    """A response does not match the provider's documentation."""


class ApiError(FatalAPIError):
    """An account of a provider cannot be read.

    Args:
        message: One line for the user.
        status: The HTTP status, if there was a response.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ResponseTooLarge(ApiError):  # noqa: N818 - reads as what it is
    """A response exceeds a size limit."""


class OtherOrigin(ApiError):  # noqa: N818 - reads as what it is
    """A response points to an address that must not get the account's keys.

    Args:
        message: One line for the user.
        url: Where it points to; not part of the message, as it may hold a key.
    """

    def __init__(self, message: str, url: str) -> None:
        super().__init__(message)
        self.url = url


class OutcomeUnknown(ApiError):  # noqa: N818 - reads as what it is
    """A request that must not be sent twice may have been carried out; no response says so."""


class TransientError(RetriableAPIError):
    """A request failed, and may succeed if it is sent again.

    Args:
        message: One line for the log.
        wait: Seconds that the server asked to wait; 0 if it did not.
        not_done: Whether the server certainly did not carry it out.
    """

    def __init__(self, message: str, *, wait: float = 0, not_done: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.not_done = not_done


class ReadCancelled(Exception):  # noqa: N818 - no error: the read has been ended elsewhere
    """The read was cancelled, so nothing waits for the response."""


def advice(status: int, *, provider: str, keys: str) -> str:
    """Return what to check when a provider rejects a request with a 4xx status.

    Args:
        status: The HTTP status.
        provider: The name of the provider's settings object.
        keys: The settings that hold the account's keys, as in "`vonage.api_key`".
    """
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return f"the provider rejected {keys}; check for a typo or a revoked key"
        case HTTPStatus.FORBIDDEN:
            return f"check that the account behind {keys} may read call records"
        case HTTPStatus.NOT_FOUND:
            return f"check `{provider}.base_url`: the endpoint does not exist"
        case _:
            return (
                f"the provider rejected the request; check the settings of `{provider}`, and the "
                "provider's API docs for changes"
            )


def phrase(status: int) -> str:
    """Return a status with its standard phrase, as in ``404 Not Found``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
