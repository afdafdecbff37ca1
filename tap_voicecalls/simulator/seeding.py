"""Random generators, ids and amounts of money, all made from a seed."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal

# Digits after the decimal point of an amount; providers differ in trailing zeros.
_PLACES = (2, 4, 4, 5, 6, 6)


def seeded(seed: int | str) -> random.Random:
    """Return a generator that yields the same sequence for the same seed in every process."""
    return random.Random(seed)  # noqa: S311 - made-up calls, no secret


def identifier(rng: random.Random) -> str:
    """Return a random version 4 UUID in its usual text form."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def money(rng: random.Random, amount: float) -> Decimal:
    """Return an amount as an exact decimal with 2 to 6 digits after the point.

    Args:
        rng: Chooses how many digits are written.
        amount: The amount in units of the currency.

    Returns:
        A decimal that keeps its trailing zeros, for instance `Decimal("0.0700")`.
    """
    places = rng.choice(_PLACES)
    return Decimal(round(amount * 10**places)).scaleb(-places)


def chance(rng: random.Random, share: float) -> bool:
    """Return True in the given share of cases, 0 to 1."""
    return rng.random() < share
