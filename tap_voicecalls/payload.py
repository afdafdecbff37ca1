"""From the bytes of an answer to values: exact numbers, and text that can be written again."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

# Fractions become decimals, never floats: money keeps each digit it was sent with.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)

_ESCAPES = re.compile(
    r"""(?P<keep>\\\\                              # an escaped backslash
      |\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})  # a whole surrogate pair
      |\\u[dD][89a-fA-F][0-9a-fA-F]{2}             # half a pair: no character""",
    re.VERBOSE,
)


def decode(body: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Decode a JSON body.

    Half surrogate pairs and bytes that are no UTF-8 become U+FFFD: no target could store them.

    Raises:
        ValueError: The body is no JSON.
    """
    try:
        return _decoded(body)
    except ValueError:
        return _decoded(_repaired(body))


def _decoded(body: bytes | str) -> Any:  # noqa: ANN401 - JSON is any value
    try:
        return _DECODER.decode(body)  # its own errors derive from ValueError
    except (RecursionError, ArithmeticError) as error:
        msg = "nested too deeply, or a number beyond all bounds"
        raise ValueError(msg) from error


def _repaired(body: bytes) -> str:
    text = body.decode("utf-8-sig", errors="replace")
    return _ESCAPES.sub(lambda match: match["keep"] or r"\ufffd", text)
