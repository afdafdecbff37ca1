"""Which statuses mean a complete response, and the error for every other one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import ApiError, TransientError, advice, phrase
from tap_voicecalls.common.safe_text import safe_title
from tap_voicecalls.records.raw_json import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_voicecalls.http.auth import AccountName
    from tap_voicecalls.http.transport.exchange import Reply

# With these statuses the server certainly did nothing.
_TRANSIENT = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_ACCEPTED = {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
_REFUSALS = range(400, 500)


def is_complete(status: int, method: str, *, is_file: bool) -> bool:
    """Return whether the response to a request with this method is complete.

    206 is only a part, 203 was changed by a proxy, and 202 means that work has only started.
    """
    if status == HTTPStatus.NO_CONTENT:
        return not is_file
    return status == HTTPStatus.OK or (method == "POST" and status in _ACCEPTED)


def may_be_rate_limited(status: int) -> bool:
    """Return whether the status alone suggests that the rate limit may be used up."""
    return status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def asks_for_fewer(reply: Reply, is_too_many: Callable[[Any], bool]) -> bool:
    """Return whether a request was refused because too many of the account are open.

    Args:
        reply: The response.
        is_too_many: Whether a decoded error response says so.
    """
    if reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        return False
    try:
        return is_too_many(decode(reply.body))
    except ValueError:
        return False


def refusal(
    reply: Reply, where: str, wait: float, account_name: AccountName, explain: Callable[[Any], str]
) -> ApiError | TransientError:
    """Return the error to raise for a response that is not complete.

    Args:
        reply: The response.
        where: The account and stream, for the error message.
        wait: Seconds that the server asked to wait; 0 if it did not.
        account_name: The account that sent the request.
        explain: Finds the provider's own error code and title.
    """
    status = reply.status
    msg = f"{where}: {phrase(status)}{_provider_title(reply.body, explain)}"
    if status < HTTPStatus.BAD_REQUEST:
        return TransientError(f"{msg} instead of a complete response", wait=wait)
    if status in _TRANSIENT or status not in _REFUSALS:
        return TransientError(msg, wait=wait, not_done=status in _TRANSIENT)
    msg = f"{msg}; {advice(status, provider=account_name.provider, keys=account_name.keys)}"
    is_pause = "Retry-After" in reply.headers or (wait > 0 and status == HTTPStatus.FORBIDDEN)
    if is_pause:
        return TransientError(msg, wait=wait, not_done=True)
    return ApiError(msg, status=status)


def _provider_title(body: bytes, explain: Callable[[Any], str]) -> str:
    try:
        title = safe_title(explain(decode(body)))
    except ValueError:
        return ""
    return f" ({title})" if title else ""
