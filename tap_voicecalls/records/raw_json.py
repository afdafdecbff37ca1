"""Decodes the bytes of a response: exact numbers, and only text that targets can store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tap_voicecalls.records.exact import MOST_EXPONENT, exact
from tap_voicecalls.records.json_repair import has_replaced_keys, repaired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Read = TypeVar("_Read")

RawJson = msgspec.Raw
"""A value as the bytes that were sent: JSON in one line of UTF-8."""

# Fractions become decimals, never floats: amounts keep all their digits.
_DECODER = msgspec.json.Decoder(float_hook=exact)
_SPLITTER = msgspec.json.Decoder(dict[str, RawJson] | list[RawJson])
_ARRAY = msgspec.json.Decoder(list[RawJson])
_TOO_DEEP = "nested too deeply, or a number out of range"

_ESCAPES = re.compile(
    r"""(?P<keep>\\\\                              # an escaped backslash
      |\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})  # a whole surrogate pair
      |\\u[dD][89a-fA-F][0-9a-fA-F]{2}             # half a pair: no character
      |\\u0000                                    # NUL: PostgreSQL refuses it, in JSON as well""",
    re.VERBOSE,
)
_NUL = rb"\u0000"
# Makes all digits equal, and all signs. A text that then shows an exponent of two digits, or many
# digits in a row, may hold a number out of range: looking for them is faster than decoding it.
_ALIKE = bytes.maketrans(b"123456789+-E", b"00000000000e")
_EXPONENT = b"0e00"
_LONG = b"0" * (MOST_EXPONENT - 9)  # a point and e9 may be beside them


def decode(body: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Decode a JSON body.

    Half surrogate pairs, NUL and bytes that are not UTF-8 become U+FFFD: targets cannot store them.
    Unreadable values are marked, see :mod:`tap_voicecalls.records.json_repair`.

    Raises:
        ValueError: The body is not JSON.
    """
    if not _has_nul(body):
        try:
            return _decoded(body)
        except ValueError:
            pass
    return _repaired(body, _decoded)


def split(body: bytes) -> tuple[RawJson, dict[str, RawJson] | list[RawJson]]:
    """Decode the outermost level of a JSON body, and check all of it.

    The inner levels are repaired as :func:`decode` does, and are in one line.

    Returns:
        The whole body, and its parts: none if it is neither an object nor an array.

    Raises:
        ValueError: The body is not JSON.
    """
    try:
        # The decoder checks that inner levels are JSON, but not that they are UTF-8.
        if not body.isascii():
            body.decode()
        if not _has_nul(body):
            return _split(body)
    except ValueError:
        pass
    return _repaired(body, _split)


def each(records: RawJson) -> list[RawJson]:
    """Return the elements of an array."""
    return _ARRAY.decode(records)


def parts_of(records: RawJson, at_once: int) -> Iterator[RawJson]:
    """Divide a long array into shorter ones: as rows, it takes many times the memory."""
    elements = each(records)
    for first in range(0, len(elements), at_once):
        yield RawJson(b"[%b]" % b",".join(elements[first : first + at_once]))


def are_readable(bodies: Iterable[bytes]) -> bool:
    """Return whether all numbers can be read in values that are JSON but were not decoded.

    False is no proof of the contrary: :func:`is_readable` finds out which can be read.
    """
    alike = b",".join(bodies).translate(_ALIKE)
    # `partition` finds faster than `in` does.
    return not (alike.partition(_EXPONENT)[1] or alike.partition(_LONG)[1])


def is_readable(body: bytes) -> bool:
    """Return whether all numbers can be read in a value that is JSON but was not decoded."""
    if are_readable((body,)):
        return True
    try:
        _decoded(body)
    except ValueError:
        return False
    return True


def _has_nul(body: bytes) -> bool:
    # Most bodies have no backslash, and one letter is found fifty times as fast as six.
    first = body.find(b"\\")
    return first >= 0 and body.find(_NUL, first) >= 0


def _split(body: bytes) -> tuple[RawJson, dict[str, RawJson] | list[RawJson]]:
    try:
        line = msgspec.json.format(body, indent=-1) if b"\n" in body or b"\r" in body else body
        return RawJson(line.strip()), _SPLITTER.decode(line)
    except msgspec.ValidationError:
        return RawJson(line.strip()), {}
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    try:
        return _DECODER.decode(body)  # its own errors derive from ValueError
    except (RecursionError, ArithmeticError) as error:
        raise ValueError(_TOO_DEEP) from error


def _repaired(body: bytes, read: Callable[[bytes], _Read]) -> _Read:
    """Read a body after repairing its characters and, if necessary, marking unreadable values."""
    text = body.decode("utf-8-sig", errors="replace")
    text = _ESCAPES.sub(lambda match: match["keep"] or r"\ufffd", text)
    if not has_replaced_keys(text):
        try:
            return read(text.encode())
        except ValueError:
            pass
    return read(repaired(text).encode())
