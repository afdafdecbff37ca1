"""The body of an answer: read in pieces, decompressed piece by piece, and never beyond a bound."""

from __future__ import annotations

from threading import Lock
from typing import IO, TYPE_CHECKING

from tap_voicecalls.http.transport.exchange import TooLarge, mebibytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse

    from tap_voicecalls.http.transport.exchange import Exchange

MOST_OF_A_PAGE = 256 << 20
"""Bytes of a page, decompressed, and of all pages that an account reads at the same time: one of
1,000 calls is some MB, a list that comes whole 100."""
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


class Memory:
    """The bytes that the pages of an account may take while they are read, all threads together.

    Args:
        most: How many.
    """

    def __init__(self, most: int = MOST_OF_A_PAGE) -> None:
        self._most = most
        self._taken = 0
        self._lock = Lock()

    def take(self, count: int) -> None:
        """Take some of it.

        Raises:
            TooLarge: There is no more.
        """
        with self._lock:
            self._taken += count
            is_over = self._taken > self._most
        if is_over:
            raise TooLarge(mebibytes(self._most))

    def give_back(self, count: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._taken -= count


def whole(answer: BaseHTTPResponse, memory: Memory) -> bytes:
    """Read all of a page.

    Raises:
        TooLarge: It has no end, or a far one; or it and those that are read beside it.
    """
    pieces, taken = list[bytes](), 0
    try:
        for piece in _pieces(answer, MOST_OF_A_PAGE):
            taken += len(piece)
            memory.take(len(piece))
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        memory.give_back(taken)


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
