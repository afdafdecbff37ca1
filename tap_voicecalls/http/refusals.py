"""Which statuses are a whole answer, and what becomes of the others."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.errors import ApiError, TransientError, advice, phrase, safe_title
from tap_voicecalls.records.raw_json import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_voicecalls.http.transport.connection import Reply

# Documented, and certain to have done nothing.
_TRANSIENT = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_TAKEN = {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
_REFUSALS = range(400, 500)


@dataclass(frozen=True, slots=True)
class AccountName:
    """Whose requests these are, for the words of an error.

    Attributes:
        provider: Name of the provider's settings object.
        account: Label of the account.
        secrets: Names of the settings that hold its keys.
    """

    provider: str
    account: str
    secrets: tuple[str, ...]

    @property
    def keys(self) -> str:
        """The settings that hold its keys, as the user wrote them."""
        return " and ".join(f"`{self.provider}.{name}`" for name in self.secrets)


def is_whole(status: int, method: str, *, is_file: bool) -> bool:
    """Tell whether a status says that all that was asked for is there.

    206 is a part, 203 was changed on the way, and 202 says that a thing is begun.
    """
    if status == HTTPStatus.NO_CONTENT:
        return not is_file
    return status == HTTPStatus.OK or (method == "POST" and status in _TAKEN)


def asks_to_wait(status: int) -> bool:
    """Tell whether a status says by itself that the limit of requests may be used up."""
    return status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def refusal(
    reply: Reply, where: str, wait: float, account_name: AccountName, explain: Callable[[Any], str]
) -> ApiError | TransientError:
    """Return the error to raise for an answer that is not whole.

    Args:
        reply: The answer.
        where: Who asked.
        wait: Seconds the server asked to wait, if it did.
        account_name: Whose request it was.
        explain: Finds the provider's own error code and title.
    """
    status = reply.status
    msg = f"{where}: {phrase(status)}{_own_words(reply.body, explain)}"
    if status < HTTPStatus.BAD_REQUEST:
        return TransientError(f"{msg} in place of a whole response", wait=wait)
    if status in _TRANSIENT or status not in _REFUSALS:
        return TransientError(msg, wait=wait, not_done=status in _TRANSIENT)
    msg = f"{msg}; {advice(status, provider=account_name.provider, keys=account_name.keys)}"
    is_pause = "Retry-After" in reply.headers or (wait > 0 and status == HTTPStatus.FORBIDDEN)
    if is_pause:
        return TransientError(msg, wait=wait, not_done=True)
    return ApiError(msg, status=status)


def _own_words(body: bytes, explain: Callable[[Any], str]) -> str:
    try:
        words = safe_title(explain(decode(body)))
    except ValueError:
        return ""
    return f" ({words})" if words else ""
