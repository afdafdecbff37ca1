"""Fetches the file of a recording: from the API with the account's key, from elsewhere without."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from singer_sdk.streams.rest import HTTPRequest

from tap_voicecalls.common.errors import ApiError, BadAnswer, OtherOrigin, ResponseTooLarge
from tap_voicecalls.common.urls import origin
from tap_voicecalls.http.links import LinkClient
from tap_voicecalls.http.transport.addresses import AllowedAddresses, ForbiddenAddress
from tap_voicecalls.recordings.expiry import expiry_of
from tap_voicecalls.recordings.place import plain_media_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from tap_voicecalls.calls.recording import Recording, RecordingStatus
    from tap_voicecalls.http.account import Account
    from tap_voicecalls.http.answers import Answer
    from tap_voicecalls.http.retry import RetryPolicy

    PathOf: TypeAlias = Callable[[Recording], str | None]
    Ask: TypeAlias = Callable[[HTTPRequest], Answer]
    FreshLink: TypeAlias = Callable[[Recording, Ask], str | None]
    Outcome: TypeAlias = tuple[RecordingStatus, str | None]

STREAM = "call_recordings"
MOST_FAILURES = 5
"""Consecutive files that no server sends; then those of the account are left to later runs."""

_logger = logging.getLogger(__name__)
_CLOCKS_DIFFER = timedelta(minutes=5)
# Not a recording, but a page that says something about it.
_PAGES = ("text/", "application/json", "application/xml", "application/xhtml")


class Fetching:
    """Fetches the recordings of one account; safe to share between threads.

    Args:
        account: The account.
        path_of: Where its API serves the file of a recording; None for recordings with a link.
        fresh_link: Asks its API for a new link when one has expired.
        retry_policy: How often and for how long to try.
        most_bytes: The most bytes of a file.
        at_once: The maximum number of concurrent downloads.
    """

    def __init__(  # noqa: PLR0913 - keywords only
        self,
        account: Account,
        *,
        path_of: PathOf,
        fresh_link: FreshLink,
        retry_policy: RetryPolicy,
        most_bytes: int,
        at_once: int,
    ) -> None:
        self._account = account
        self._path_of = path_of
        self._fresh_link = fresh_link
        self._retry_policy = retry_policy
        self._most_bytes = most_bytes
        self._origin = _origin_of(account.settings["base_url"])
        self._links = LinkClient(AllowedAddresses(self._origin[1]), retry_policy, at_once=at_once)
        self._lock = Lock()
        self._failures = 0
        self._has_warned = False

    def fetch(self, recording: Recording, into: IO[bytes], cancelled: Event) -> Outcome:
        """Write the file of a recording, and return its status and its Content-Type.

        Raises:
            ReadCancelled: The read was cancelled.
            OSError: The file cannot be written.
        """
        if self._failures >= MOST_FAILURES:
            return "missing", None
        path = self._path_of(recording)
        outcome = self._try(path or recording.url, into, cancelled)
        if path and outcome[0] == "missing" and recording.url:
            # Not in the provider's own storage: users may have one of theirs.
            elsewhere = self._try(recording.url, into, cancelled)
            outcome = elsewhere if elsewhere[0] == "archived" else outcome
        if outcome[0] == "expired":
            link = self._renewed(recording, cancelled)
            if link and link != recording.url:
                recording.url = link
                outcome = self._try(link, into, cancelled)
        return outcome

    def _try(self, where: str | None, into: IO[bytes], cancelled: Event) -> Outcome:
        if not where:
            return "missing", None
        try:
            headers = self._download(where, into, cancelled)
        except ResponseTooLarge:
            return "too_large", None
        except ForbiddenAddress:
            return "refused", None
        except ApiError as error:
            self._note_failure(error)
            return _status_of(error, where), None
        self._failures = 0
        content_type = headers.get("Content-Type")
        is_page = (plain_media_type(content_type) or "").startswith(_PAGES)
        return ("refused" if is_page else "archived"), content_type

    def _download(self, where: str, into: IO[bytes], cancelled: Event) -> Mapping[str, Any]:
        """Download from the API with the key, or from a link elsewhere without."""
        link = where
        if where.startswith("/") or _origin_of(where) == self._origin:
            try:
                return self._account.client.download(
                    HTTPRequest(where, headers={"Accept": "*/*"}),
                    into=into,
                    check=lambda _: None,
                    stream=STREAM,
                    cancelled=cancelled,
                    most_bytes=self._most_bytes,
                    retry_policy=self._retry_policy,
                )
            except OtherOrigin as redirect:
                link = redirect.url
        return self._links.download(
            link,
            into,
            most_bytes=self._most_bytes,
            where=self._account.client.named(STREAM),
            cancelled=cancelled,
        )

    def _renewed(self, recording: Recording, cancelled: Event) -> str | None:
        def ask(request: HTTPRequest) -> Answer:
            return self._account.client.fetch(request, stream=STREAM, cancelled=cancelled)

        try:
            return self._fresh_link(recording, ask)
        except (ApiError, BadAnswer):
            return None

    def _note_failure(self, error: ApiError) -> None:
        """Count files that no server sends, and say in the log why the first one did not come."""
        with self._lock:
            is_first, self._has_warned = not self._has_warned, True
            self._failures = self._failures + 1 if error.status is None else 0
            is_given_up = self._failures == MOST_FAILURES
        if is_first:
            _logger.warning("a recording was not stored: %s; further ones are only counted", error)
        if is_given_up:
            where = self._account.client.named(STREAM)
            line = "%s: %d recordings in a row did not come; the others are left to later runs"
            _logger.warning(line, where, MOST_FAILURES)


def _status_of(error: ApiError, where: str) -> RecordingStatus:
    """Return the status of a recording whose file was not sent."""
    if error.status == HTTPStatus.GONE:
        return "expired"
    if error.status is None or error.status == HTTPStatus.NOT_FOUND:
        return "missing"
    # A store may refuse an expired link with 400 or 403: the link itself tells when it expires.
    expiry = expiry_of(where)
    if expiry and expiry <= datetime.now(UTC) + _CLOCKS_DIFFER:
        return "expired"
    return "refused"


def _origin_of(url: str) -> tuple[str | None, str | None, int | None]:
    try:
        return origin(url)
    except ValueError:
        return None, None, None
