"""What the details of a call tell, for the common streams. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tap_voicecalls.calls.normalized import Normalized, Normalizer, fill_from_turns, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_voicecalls.streams.details.asked import Asked


class Telling(NamedTuple):
    """Merges what the list and the details tell of a call.

    Attributes:
        provider: The provider's name.
        feeds_calls: Whether the result is written to `calls`.
        feeds_turns: Whether the details tell all turns of a call.
        decides: Whether the details tell that something listed is no call, such as a text chat.
    """

    provider: str = ""
    feeds_calls: bool = False
    feeds_turns: bool = False
    decides: bool = False

    @classmethod
    def by(cls, normalize: Normalizer, *, decides: bool) -> Telling:
        """Return what a stream with this normalizer tells."""
        feeds_calls, feeds_turns = normalize.call is not None, normalize.turns is not None
        return cls(normalize.provider, feeds_calls, feeds_turns, decides)

    def of(self, asked: Asked, complete: Callable[[Normalized, Normalized], None]) -> Normalized:
        """Return what the details tell of a call, or else the list.

        Args:
            asked: The call.
            complete: Adds what the list has and the details lack.
        """
        listed = (asked.listed and asked.listed.normalized) or Normalized()
        details = [row.normalized for row in asked.rows or ()]
        told = merged([listed, *details])
        if self.decides and details and not asked.is_left_out:
            told.call = merged(details).call
        complete(told, listed)
        if not self.feeds_calls:
            told.call = None
        elif told.call and self.feeds_turns and asked.rows is not None and not asked.is_left_out:
            fill_from_turns(told.call, told.turns)
        return told
