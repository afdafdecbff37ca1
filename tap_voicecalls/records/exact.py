"""Numbers as exact decimals, and which numbers are refused."""

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
"""Python, in which most targets are written, reads no longer integer, and nor does msgspec."""
MOST_EXPONENT = 300
"""As far as a double reaches (1e308): beyond that a target reads infinity, zero or nothing."""

exact = Context(
    prec=MOST_DIGITS,
    Emax=MOST_EXPONENT,
    Emin=-MOST_EXPONENT,
    # Refuse whatever could only be kept by changing it.
    traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded, Subnormal, Underflow],
).create_decimal
"""Read a number, keeping each digit; ArithmeticError if it is none, or beyond the bounds."""

# From the first digit of one number to the last of another, and a carry.
_MOST_PLACES = 2 * (MOST_DIGITS + MOST_EXPONENT)
add = Context(prec=_MOST_PLACES).add
"""Add two numbers, keeping each digit; the operator `+` rounds to 28."""
subtract = Context(prec=_MOST_PLACES).subtract
"""Subtract a number from another, likewise."""
