"""How many requests are worth it: fewer while the processor is busy, more while it is idle."""

from __future__ import annotations

import pytest

from tap_voicecalls.common.concurrency import Concurrency

INTERVAL = 0.5  # seconds, longer than the one after which it is looked at


class Machine:
    """A machine whose clock and processor are told what they did."""

    def __init__(self) -> None:
        self.time = self.used = 0.0

    def spend(self, concurrency: Concurrency, *shares: float) -> list[int]:
        """Use so much of the processor in each interval; return how many are worth it after it."""
        return [self._spend(concurrency, share) for share in shares]

    def _spend(self, concurrency: Concurrency, share: float) -> int:
        self.time += INTERVAL
        self.used += INTERVAL * share
        return concurrency()


@pytest.fixture
def machine() -> Machine:
    """A machine on which nothing has happened yet."""
    return Machine()


def on(machine: Machine, most: int) -> Concurrency:
    """Return the concurrency of a process of a machine."""
    return Concurrency(most, lambda: machine.time, lambda: machine.used)


@pytest.mark.parametrize("most", [1, 8])
def test_it_begins_with_as_many_as_allowed(machine: Machine, most: int) -> None:
    """A slow provider need not wait until the tap has found out that it is slow."""
    assert on(machine, most)() == most


def test_a_busy_processor_halves_it_down_to_one(machine: Machine) -> None:
    """Threads that only wait for each other are left out, but never the last one."""
    assert machine.spend(on(machine, 13), *[1.0] * 6) == [13, 6, 3, 1, 1, 1]


def test_a_moment_of_work_changes_nothing(machine: Machine) -> None:
    """Starting up, or a large page, is not what the whole run is like."""
    assert machine.spend(on(machine, 8), 1.0, 0.8, 1.0, 0.8) == [8, 8, 8, 8]


def test_an_idle_processor_doubles_it_up_to_what_is_allowed(machine: Machine) -> None:
    """A provider that becomes slow gets as many requests again as the user allows, and no more."""
    concurrency = on(machine, 6)
    machine.spend(concurrency, *[1.0] * 4)

    assert machine.spend(concurrency, 0.1, 0.1, 0.1, 0.1) == [2, 4, 6, 6]


def test_it_stays_while_the_processor_is_neither(machine: Machine) -> None:
    """It settles, and does not go up and down with each interval."""
    concurrency = on(machine, 8)
    machine.spend(concurrency, 1.0, 1.0)

    assert machine.spend(concurrency, 0.8, 0.8, 0.8) == [4, 4, 4]


def test_many_questions_in_a_moment_are_one(machine: Machine) -> None:
    """It is asked before each request, and only time lets it change."""
    concurrency = on(machine, 8)
    machine.spend(concurrency, 1.0, 1.0)

    assert [concurrency() for _ in range(5)] == [4] * 5
