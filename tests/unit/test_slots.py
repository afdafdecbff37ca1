"""How many requests are open at once, after a server said that it were too many."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event, Thread

import pytest

from tap_voicecalls.common.errors import ReadCancelled
from tap_voicecalls.http.slots import GROWS_AFTER, Slots

NEVER = Event()


def is_full(slots: Slots) -> bool:
    """Return whether no further request may be opened."""
    cancelled = Event()
    cancelled.set()
    try:
        with slots.take(cancelled):
            return False
    except ReadCancelled:
        return True


def test_fewer_are_open_after_a_refusal() -> None:
    """Asking again with as many open at once is refused for ever."""
    slots = Slots(4)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(slots.take(NEVER))
        slots.fewer()
    with slots.take(NEVER):
        assert not is_full(slots)
        with slots.take(NEVER):
            assert is_full(slots)


def test_one_is_always_allowed() -> None:
    """A run that may send nothing would wait for ever."""
    slots = Slots(1)
    with slots.take(NEVER):
        slots.fewer()

    assert not is_full(slots)


def test_more_are_tried_after_many_answers() -> None:
    """A short peak of another program must not slow down the whole run."""
    slots = Slots(2)
    with slots.take(NEVER), slots.take(NEVER):
        slots.fewer()
    for _ in range(GROWS_AFTER):
        with slots.take(NEVER):
            slots.answered()
    with slots.take(NEVER):
        assert not is_full(slots)


def test_a_waiting_request_gets_the_next_slot() -> None:
    """A thread that sleeps on while a slot is free would halve the speed."""
    slots, entered = Slots(1), Event()

    def wait() -> None:
        with slots.take(NEVER):
            entered.set()

    with slots.take(NEVER):
        thread = Thread(target=wait)
        thread.start()
        assert not entered.is_set()
    assert entered.wait(10)
    thread.join()


def test_nobody_waits_for_a_cancelled_read() -> None:
    """Ctrl-C must not wait for other requests."""
    slots, cancelled = Slots(1), Event()
    cancelled.set()

    with slots.take(NEVER), pytest.raises(ReadCancelled), slots.take(cancelled):
        pass
