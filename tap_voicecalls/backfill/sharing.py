"""Distributes the shards of a backfill over its units. Pure."""

from __future__ import annotations

from fractions import Fraction
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence


def distribute(weights: Sequence[Fraction], total: int) -> list[int]:
    """Return the number of shards of each unit.

    Each unit gets one shard; each further one goes to the unit whose shards are largest. So the
    largest shard is as small as possible, and a higher total never takes a shard from a unit.

    Args:
        weights: The weight of each unit.
        total: The number of shards; if there are more units, it is the number of units.
    """
    counts = [1] * len(weights)
    heap = [(-weight, index) for index, weight in enumerate(weights)]
    heapify(heap)
    for _ in range(total - len(weights) if heap else 0):
        index = heap[0][1]
        counts[index] += 1
        heapreplace(heap, (-weights[index] / counts[index], index))
    return counts


def weigh(known: Sequence[tuple[Hashable, int | None]]) -> list[Fraction]:
    """Return the weight of each unit.

    An account with an unknown weight gets the mean weight of the others, in equal parts for its
    units.

    Args:
        known: The account of each unit, and its weight; None if it is not known.
    """
    accounts: dict[Hashable, list[int | None]] = {}
    for account, weight in known:
        accounts.setdefault(account, []).append(weight)
    sums = [_sum(units) for units in accounts.values()]
    counted = [total for total in sums if total is not None]
    mean = Fraction(sum(counted), len(counted)) if any(counted) else Fraction(1)
    return [_weight(weight, accounts, account, mean) for account, weight in known]


def _sum(units: Sequence[int | None]) -> int | None:
    return None if None in units else sum(weight or 0 for weight in units)


def _weight(
    weight: int | None,
    accounts: Mapping[Hashable, Sequence[int | None]],
    account: Hashable,
    mean: Fraction,
) -> Fraction:
    return mean / len(accounts[account]) if weight is None else Fraction(weight)
