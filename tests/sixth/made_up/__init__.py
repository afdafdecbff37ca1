"""Made Up: a provider that does not exist. Source: its simulated API in `apis/made_up.py`."""

from __future__ import annotations

from typing import Any

from made_up.calls import CALL_SOURCES, normalize
from made_up.streams import MadeUpCalls
from tap_voicecalls.providers.base import Provider

__all__ = ["MadeUp", "MadeUpCalls", "normalize"]


class MadeUp(Provider):
    """Made Up."""

    name = "made_up"
    label = "Made Up"
    title = "Made Up"
    base_url = "https://api.made-up.example"
    streams = calls_from = (MadeUpCalls,)
    normalize = staticmethod(normalize)
    call_sources = CALL_SOURCES

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """``{"error": "…"}``."""
        match answer:
            case {"error": str(title)}:
                return title
            case _:
                return ""
