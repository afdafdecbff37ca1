"""A call whose details are requested, and the result."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.read_context import CompletedWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tap_voicecalls.rows.row import Row


class Asked(NamedTuple):
    """A call whose details are requested, and the result.

    Attributes:
        call_id: The call.
        started_at: When it started, if that is known.
        listed: The row of the list; None if only an earlier run listed the call.
        rows: The details, or the row of the list if the call can have none; None without either.
        error: Why the details are missing.
        is_left_out: Whether details are not requested.
    """

    call_id: str
    started_at: str | None
    listed: Row | None
    rows: tuple[Row, ...] | None = None
    error: ApiError | BadAnswer | None = None
    is_left_out: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the call was deleted after it was listed."""
        return isinstance(self.error, ApiError) and self.error.status == HTTPStatus.NOT_FOUND


def first_asked(
    parts: Iterable[Asked | CompletedWindow], most: int, end: datetime
) -> Iterator[Asked | CompletedWindow]:
    """Yield the first calls whose details are requested, the windows before them, and an end.

    Args:
        parts: The calls of each window, and then its end.
        most: How many calls.
        end: The time of the end.
    """
    for part in parts:
        yield part
        most -= isinstance(part, Asked) and not part.is_left_out
        if not most:
            break
    yield CompletedWindow([], end)
