"""The body of an answer: read in pieces, decompressed piece by piece, and never beyond a bound."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from tap_voicecalls.exchange import TooLarge, mebibytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse

    from tap_voicecalls.exchange import Exchange

MOST_OF_A_PAGE = 256 << 20
"""Bytes of a page, decompressed: one of 1,000 calls is some MB, a list that comes whole 100."""
MOST_OF_A_REFUSAL = 64 << 10
"""Bytes of a refusal or a redirect: a title and a code. What is longer is no API's answer."""
MOST_OF_A_FILE = 2 << 30
"""Bytes of a report's file: a month of a million calls is some 100 MB, and disks are shared."""
SLOWEST_FILE = 16 << 10
"""Bytes a second of a file: it may take hours while they come, but not for ever."""

_PIECE = 256 << 10  # bytes that are decompressed at once


class NotWritten(Exception):  # noqa: N818 - reads as what it is
    """A file takes no more.

    Args:
        error: Why.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


def whole(answer: BaseHTTPResponse) -> bytes:
    """Read all of a page.

    Raises:
        TooLarge: It has no end, or a far one.
    """
    return b"".join(_pieces(answer, MOST_OF_A_PAGE))


def beginning(answer: BaseHTTPResponse) -> bytes:
    """Read a body that explains a refusal; nothing of one that is too long for that."""
    body = answer.read(MOST_OF_A_REFUSAL + 1, decode_content=True)
    return body if len(body) <= MOST_OF_A_REFUSAL else b""


def save(answer: BaseHTTPResponse, into: IO[bytes], exchange: Exchange) -> None:
    """Write a body to a file as it comes, in place of all that the file held.

    Raises:
        NotWritten: The file takes no more.
        TooLarge: It has no end, or a far one.
    """
    _write(into, None)
    for piece in _pieces(answer, MOST_OF_A_FILE):
        _write(into, piece)
        exchange.progress(len(piece) / SLOWEST_FILE)


def _write(into: IO[bytes], piece: bytes | None) -> None:
    """Write a piece, or empty the file."""
    try:
        if piece is None:
            into.seek(0)
            into.truncate()
        else:
            into.write(piece)
    except OSError as error:
        raise NotWritten(error) from None


def _pieces(answer: BaseHTTPResponse, most: int) -> Iterator[bytes]:
    # As told: compressed, if it is.
    if (answer.length_remaining or 0) > most:
        raise TooLarge(mebibytes(most))
    size = 0
    while piece := answer.read(_PIECE, decode_content=True):
        size += len(piece)
        if size > most:
            raise TooLarge(mebibytes(most))
        yield piece
