"""Merges what the list and the details tell of a call, for the common streams. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_voicecalls.calls.normalized import Normalized, Normalizer, fill_from_turns, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_voicecalls.calls.cost_line import CostLine
    from tap_voicecalls.calls.recording import Recording
    from tap_voicecalls.calls.turn import Turn
    from tap_voicecalls.streams.details.asked import Asked


def merge_details(
    asked: Asked,
    normalize: Normalizer,
    fill_from_list: Callable[[Normalized, Normalized], None],
    *,
    are_calls: bool,
) -> Normalized:
    """Return what the details tell of a call, and where they are missing the list.

    Args:
        asked: The call, and its details.
        normalize: What the stream feeds: calls, and all turns of a call, or not.
        fill_from_list: Fills what the list has and the details lack, in place.
        are_calls: Whether the details say that something listed is no call, such as a text chat.
    """
    listed = (asked.listed and asked.listed.normalized) or Normalized()
    details = [row.normalized for row in asked.rows or ()]
    whole = merged([listed, *details])
    if are_calls and details and not asked.is_left_out:
        whole.call = merged(details).call
    fill_from_list(whole, listed)
    if whole.call and listed.call and whole.call.started_at is None:
        _start_at(whole, listed.call.started_at)
    if not normalize.call:
        whole.call = None
    elif whole.call and normalize.turns and asked.rows is not None and not asked.is_left_out:
        fill_from_turns(whole.call, whole.turns)
    return whole


def _start_at(whole: Normalized, start: str | None) -> None:
    """Fill the start, which details without their metadata lack."""
    if whole.call:
        whole.call.started_at = start
    rows: list[Turn | CostLine | Recording] = [*whole.turns, *whole.costs, *whole.recordings]
    for row in rows:
        row.call_started_at = row.call_started_at or start
