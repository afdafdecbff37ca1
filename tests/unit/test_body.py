"""How much memory the pages of an account may take together."""

from __future__ import annotations

import pytest

from tap_voicecalls.http.transport.body import PageMemory
from tap_voicecalls.http.transport.exchange import TooLarge


def test_pages_that_are_read_side_by_side_share_it() -> None:
    """Eight threads that are each sent a bomb must not hold eight times what one may."""
    memory = PageMemory(3 << 20)
    memory.take(2 << 20)

    with pytest.raises(TooLarge, match="3 MiB"):
        memory.take(2 << 20)


def test_what_a_page_took_is_there_for_the_next() -> None:
    """A run of many pages holds one after the other, and is not refused for their sum."""
    memory = PageMemory(3 << 20)

    for _ in range(10):
        memory.take(2 << 20)
        memory.give_back(2 << 20)
