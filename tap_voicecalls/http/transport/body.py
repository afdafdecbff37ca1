"""Reads response bodies in chunks, decompressed, up to a size limit."""

from __future__ import annotations

from threading import Lock
from typing import IO, TYPE_CHECKING

from tap_voicecalls.http.transport.exchange import TooLarge, mebibytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse

    from tap_voicecalls.http.transport.exchange import Exchange

MOST_PAGE_BYTES = 256 << 20
"""Decompressed bytes of a page, and of all pages that an account reads at the same time. A page of
1,000 calls has a few MB, a list without pages about 100."""
MOST_REFUSAL_BYTES = 64 << 10
"""Bytes of an error or a redirect; APIs send a code and a title."""
MOST_FILE_BYTES = 2 << 30
"""Bytes of a report file. A month with a million calls has about 100 MB; disks are shared."""
SLOWEST_DOWNLOAD = 16 << 10
"""Bytes per second of a file; a download may take hours, as long as it is not slower."""

_CHUNK = 256 << 10  # bytes that are decompressed at once
_PAGE_CHUNK = 2 << 20  # bytes that are read at once without that: most pages as a whole


class WriteError(Exception):
    """A file cannot be written.

    Args:
        error: The reason.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class PageMemory:
    """Limits the memory of all pages that the threads of an account read at the same time.

    Args:
        most: The limit in bytes.
    """

    def __init__(self, most: int = MOST_PAGE_BYTES) -> None:
        self._most = most
        self._reserved = 0
        self._lock = Lock()

    def take(self, count: int) -> None:
        """Reserve memory.

        Raises:
            TooLarge: The limit is exceeded.
        """
        with self._lock:
            self._reserved += count
            is_over = self._reserved > self._most
        if is_over:
            raise TooLarge(mebibytes(self._most))

    def give_back(self, count: int) -> None:
        """Give reserved memory back."""
        with self._lock:
            self._reserved -= count


def read_page(response: BaseHTTPResponse, memory: PageMemory) -> bytes:
    """Read the whole body of a page.

    Raises:
        TooLarge: The page, or all pages that are being read, exceed the limit.
    """
    chunks, size = list[bytes](), 0
    try:
        for chunk in _chunks(response, MOST_PAGE_BYTES, _PAGE_CHUNK):
            size += len(chunk)
            memory.take(len(chunk))
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
    finally:
        chunks.clear()  # the traceback of an error would keep them
        memory.give_back(size)


def read_refusal(response: BaseHTTPResponse) -> bytes:
    """Read the body of an error; return an empty one if it exceeds the limit."""
    body = response.read(MOST_REFUSAL_BYTES + 1, decode_content=True)
    return body if len(body) <= MOST_REFUSAL_BYTES else b""


def save_file(response: BaseHTTPResponse, into: IO[bytes], exchange: Exchange) -> None:
    """Write a body to a file while it arrives; the file's old content is replaced.

    Raises:
        WriteError: The file cannot be written.
        TooLarge: The body exceeds the limit.
    """
    _write(into, None)
    for chunk in _chunks(response, exchange.most_bytes, _CHUNK):
        _write(into, chunk)
        exchange.progress(len(chunk) / SLOWEST_DOWNLOAD)


def _write(into: IO[bytes], chunk: bytes | None) -> None:
    """Write a chunk; None empties the file."""
    try:
        if chunk is None:
            into.seek(0)
            into.truncate()
        else:
            into.write(chunk)
    except OSError as error:
        raise WriteError(error) from None


def _chunks(response: BaseHTTPResponse, most: int, plain: int) -> Iterator[bytes]:
    # The announced length is that of the body as sent, so possibly compressed.
    if (response.length_remaining or 0) > most:
        raise TooLarge(mebibytes(most))
    # urllib3 copies a body that is not encoded twice if it is asked to decode it.
    is_encoded, size = "Content-Encoding" in response.headers, 0
    while chunk := response.read(_CHUNK if is_encoded else plain, decode_content=is_encoded):
        size += len(chunk)
        if size > most:
            raise TooLarge(mebibytes(most))
        yield chunk
