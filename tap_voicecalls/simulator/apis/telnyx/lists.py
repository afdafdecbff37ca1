"""What the lists of the simulated Telnyx API share: pages by number, and times."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, TypeVar

from tap_voicecalls.simulator.api import Api, Record, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tap_voicecalls.simulator.messages import Incoming

_Entry = TypeVar("_Entry")
_DEFAULT_PAGE = 20


class Lists(Api, ABC):
    """Reads the parameters of lists, and cuts pages."""

    def page(
        self, incoming: Incoming, found: Sequence[_Entry], largest: int
    ) -> tuple[Sequence[_Entry], Record]:
        """Return the requested page, and the response's `meta`."""
        number = self.number(incoming, "page[number]", 1, None)
        size = self.page_limit(self.number(incoming, "page[size]", _DEFAULT_PAGE, largest))
        total, pages = self.reported_total(len(found)), self.shared.options["telnyx_total_pages"]
        meta: Record = {
            "total_pages": -(-total // size) if pages is None else pages,
            "total_results": total,
            "page_number": number,
            "page_size": size,
        }
        if self.is_emptied(number):
            return [], meta
        return found[(number - 1) * size : number * size], meta

    def number(self, incoming: Incoming, name: str, default: int, largest: int | None) -> int:
        """Decode a number from 1; a `Refusal` if it is none, or above the largest."""
        text = incoming.first(name) or str(default)
        limit = f" to {largest}" if largest else ""
        if not text.isdecimal() or int(text) < 1 or (largest and int(text) > largest):
            raise self.refusal(400, f"{name} must be an integer from 1{limit}.")
        return int(text)

    def time(self, incoming: Incoming, name: str) -> datetime | None:
        """Decode a time; None if it was not sent, a `Refusal` if it is none."""
        text = incoming.first(name)
        moment = parsed(text) if text is not None else None
        if text is not None and moment is None:
            raise self.refusal(400, f"{name} is not an ISO 8601 time.")
        return moment
