"""The adaptive limit of concurrent requests: lower on a busy processor, higher on an idle one."""

from __future__ import annotations

import pytest

from tap_voicecalls.common.concurrency import Concurrency

INTERVAL = 0.5  # seconds, longer than the interval after which the limit adapts


class Machine:
    """A machine whose clock and processor time the test sets."""

    def __init__(self) -> None:
        self.time = self.used = 0.0

    def spend(self, concurrency: Concurrency, *shares: float) -> list[int]:
        """Use a share of the processor in each interval; return the limit after each."""
        return [self._spend(concurrency, share) for share in shares]

    def _spend(self, concurrency: Concurrency, share: float) -> int:
        self.time += INTERVAL
        self.used += INTERVAL * share
        return concurrency()


@pytest.fixture
def machine() -> Machine:
    """Return a machine at time 0."""
    return Machine()


def on(machine: Machine, most: int) -> Concurrency:
    """Return the limit of a process on a machine."""
    return Concurrency(most, lambda: machine.time, lambda: machine.used)


@pytest.mark.parametrize("most", [1, 8])
def test_it_starts_at_the_users_limit(machine: Machine, most: int) -> None:
    """Slow providers are read at full concurrency from the start."""
    assert on(machine, most)() == most


def test_a_busy_processor_halves_it_down_to_one(machine: Machine) -> None:
    """Threads that only wait for each other are stopped, but never the last one."""
    assert machine.spend(on(machine, 13), *[1.0] * 6) == [13, 6, 3, 1, 1, 1]


def test_a_single_busy_interval_changes_nothing(machine: Machine) -> None:
    """Starting up, or one large page, says nothing about the whole run."""
    assert machine.spend(on(machine, 8), 1.0, 0.8, 1.0, 0.8) == [8, 8, 8, 8]


def test_an_idle_processor_doubles_it_up_to_the_users_limit(machine: Machine) -> None:
    """A provider that becomes slow gets more requests again."""
    concurrency = on(machine, 6)
    machine.spend(concurrency, *[1.0] * 4)

    assert machine.spend(concurrency, 0.1, 0.1, 0.1, 0.1) == [2, 4, 6, 6]


def test_it_stays_while_the_processor_is_neither_busy_nor_idle(machine: Machine) -> None:
    """The limit settles instead of going up and down."""
    concurrency = on(machine, 8)
    machine.spend(concurrency, 1.0, 1.0)

    assert machine.spend(concurrency, 0.8, 0.8, 0.8) == [4, 4, 4]


def test_calls_within_one_interval_do_not_change_it(machine: Machine) -> None:
    """It is called before each request, and only time changes it."""
    concurrency = on(machine, 8)
    machine.spend(concurrency, 1.0, 1.0)

    assert [concurrency() for _ in range(5)] == [4] * 5
