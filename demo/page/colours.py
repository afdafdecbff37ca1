"""One colour a name, wherever it is drawn; each can be told from a white and from a dark page."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from tap_voicecalls.providers import PROVIDERS as REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable

Colours = dict[str, str]

# One for each provider, in the order of the registry.
_OF_PROVIDERS = (
    *("#8567d6", "#d4578f", "#0e9b7d", "#cf7a12", "#2f86d6"),
    *("#b8504a", "#5f9e3a", "#4f6fb8", "#a8669c"),
)
PROVIDERS = {one.name: colour for one, colour in zip(REGISTRY, cycle(_OF_PROVIDERS), strict=False)}
STATUSES = {
    "completed": "#3f9a5f",
    "no_answer": "#b3880c",
    "busy": "#cf7a12",
    "failed": "#d64545",
    "canceled": "#7d838d",
    "in_progress": "#3b82d6",
    "unknown": "#9aa1ac",
}
DIRECTIONS = {"inbound": "#546a8c", "outbound": "#8ea3c2", "unknown": "#a39a8b"}
SPARE = ("#8c8f3a", "#a0705a", "#5f8794", "#9a6fa5")


def for_names(known: Colours, names: Iterable[str]) -> Colours:
    """Give the colours of the names that are there, known ones first; others get spare colours."""
    there = set(names)
    ours = {name: colour for name, colour in known.items() if name in there}
    return ours | dict(zip(sorted(there - ours.keys()), cycle(SPARE), strict=False))
