"""Numbers as exact decimals, and the bounds beyond which they are refused."""

from __future__ import annotations

from decimal import (
    Clamped,
    Context,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
)

MOST_DIGITS = 4300
"""Neither msgspec nor Python, in which most targets are written, reads a longer integer."""
MOST_EXPONENT = 300
"""Within the range of a double (1e308): beyond it a target reads infinity, zero or nothing."""

exact = Context(
    prec=MOST_DIGITS,
    Emax=MOST_EXPONENT,
    Emin=-MOST_EXPONENT,
    # Refuse numbers that could only be stored by changing them.
    traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded, Subnormal, Underflow],
).create_decimal
"""Read a number with all its digits; ArithmeticError if it is not one, or beyond the bounds."""

# From the first digit of one number to the last of another, and a carry.
_MOST_PLACES = 2 * (MOST_DIGITS + MOST_EXPONENT)
add = Context(prec=_MOST_PLACES).add
"""Add two numbers exactly; the operator `+` rounds to 28 digits."""
subtract = Context(prec=_MOST_PLACES).subtract
"""Subtract a number from another exactly."""
