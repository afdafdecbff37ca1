"""The memory limit for all pages that an account reads at the same time."""

from __future__ import annotations

import pytest

from tap_voicecalls.http.transport.body import PageMemory
from tap_voicecalls.http.transport.exchange import TooLarge


def test_concurrent_pages_share_the_limit() -> None:
    """Eight threads that each receive a zip bomb must not use eight times the limit."""
    memory = PageMemory(3 << 20)
    memory.take(2 << 20)

    with pytest.raises(TooLarge, match="3 MiB"):
        memory.take(2 << 20)


def test_memory_of_a_page_is_given_back() -> None:
    """Pages that are read one after the other do not add up."""
    memory = PageMemory(3 << 20)

    for _ in range(10):
        memory.take(2 << 20)
        memory.give_back(2 << 20)
