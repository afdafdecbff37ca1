"""How many shards each unit of a backfill gets. Pure."""

from __future__ import annotations

from fractions import Fraction
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence


def shared(weights: Sequence[Fraction], total: int) -> list[int]:
    """Give each unit one shard, and all further ones to whoever has the largest, one by one.

    So the largest shard of all is as small as it can be, and with a greater total no unit gets
    fewer.

    Args:
        weights: How much each unit holds.
        total: How many shards to give; there are more if there are more units.
    """
    counts = [1] * len(weights)
    heap = [(-weight, index) for index, weight in enumerate(weights)]
    heapify(heap)
    for _ in range(total - len(weights) if heap else 0):
        index = heap[0][1]
        counts[index] += 1
        heapreplace(heap, (-weights[index] / counts[index], index))
    return counts


def weights(known: Sequence[tuple[Hashable, int | None]]) -> list[Fraction]:
    """Weigh units by what they hold.

    An account of which nothing is known weighs as much as the mean of the others, and each of its
    units the same part of that.

    Args:
        known: Of each unit the account, and how much it holds; None where that is not known.
    """
    accounts: dict[Hashable, list[int | None]] = {}
    for account, weight in known:
        accounts.setdefault(account, []).append(weight)
    sums = [_sum(found) for found in accounts.values()]
    told = [found for found in sums if found is not None]
    usual = Fraction(sum(told), len(told)) if any(told) else Fraction(1)
    return [_weight(weight, accounts, account, usual) for account, weight in known]


def _sum(found: Sequence[int | None]) -> int | None:
    return None if None in found else sum(weight or 0 for weight in found)


def _weight(
    weight: int | None,
    accounts: Mapping[Hashable, Sequence[int | None]],
    account: Hashable,
    usual: Fraction,
) -> Fraction:
    return usual / len(accounts[account]) if weight is None else Fraction(weight)
