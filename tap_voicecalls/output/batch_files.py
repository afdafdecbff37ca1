"""Batches by the quick way: rows that are JSON already become gzipped files, without the SDK.

The files are those that the SDK writes: a record in each line, and names with the tap and stream.
They are compressed by a thread of their own, beside the reading. A file appears in the storage when
it is whole, and is announced by a BATCH message after that; a STATE message comes after the files
that it covers.
"""

from __future__ import annotations

import shutil
import time
import zlib
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, TypeVar

from tap_voicecalls.output.abort import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from tap_voicecalls.output.sdk_hooks.stream import BatchConfig

Result = TypeVar("Result")

QUICK_FORMAT = "jsonl"
"""The format of these files; the SDK writes the others."""

# Measured with calls of 1.2 KB: 6 compresses by a third more, and takes three times as long, which
# is longer than reading them takes.
_LEVEL = 1
_GZIP = 31  # the window bits that make zlib write a header and a checksum
_IN_MEMORY = 16 << 20  # bytes of a compressed file; more go to a temporary file
_MOST_WAITING = 4  # parts of files that wait to be compressed
_OLD = 60.0  # seconds


class BatchFiles:
    """The batch files of a run, which are written by the main thread.

    Args:
        config: The setting `batch_config`.
        tap: The name of the tap.
        run: Names the run in the names of its files.
        announce: Writes the BATCH message of a stream's file, given its URL.
    """

    def __init__(
        self, config: BatchConfig, tap: str, run: str, announce: Callable[[str, str], None]
    ) -> None:
        from tap_voicecalls.output.storage import Storage  # noqa: PLC0415 - slow to import

        self._config, self._tap, self._run, self._announce = config, tap, run, announce
        self._storage = Storage(config.storage.root)
        self._open: dict[str, _File] = {}
        self._numbers = Counter[str]()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._waiting: deque[Future[None]] = deque()
        self._saved: deque[tuple[str, Future[str]]] = deque()
        self._since_state = Counter[str]()
        self._flushed_at = time.monotonic()

    @property
    def is_state_due(self) -> bool:
        """Whether a STATE message is worth that it closes all files.

        After about a batch of each stream, or after a minute: a run that is killed reads again what
        came since the last STATE.
        """
        enough = self._config.batch_size * len(self._since_state)
        is_old = time.monotonic() - self._flushed_at >= _OLD
        return is_old or self._since_state.total() >= enough

    def write(self, stream: str, bodies: Sequence[bytes]) -> None:
        """Add rows to the open file of a stream, and to new ones when it is full.

        Raises:
            OutputError: A file cannot be written.
        """
        self._since_state[stream] += len(bodies)
        first = 0
        while first < len(bodies):
            file = self._open.setdefault(stream, _File())
            some = bodies[first : first + self._config.batch_size - file.count]
            first += len(some)
            file.count += len(some)
            self._waiting.append(self._thread.submit(file.add, some))
            while len(self._waiting) > _MOST_WAITING:
                _done(self._waiting.popleft())
            if file.count >= self._config.batch_size:
                self._close(stream)
        while self._saved and self._saved[0][1].done():
            self._announce_next()

    def flush(self) -> None:
        """Close all files, and announce them.

        Raises:
            OutputError: A file cannot be written.
        """
        for stream in list(self._open):
            self._close(stream)
        while self._waiting:
            _done(self._waiting.popleft())
        while self._saved:
            self._announce_next()
        self._since_state.clear()
        self._flushed_at = time.monotonic()

    def _close(self, stream: str) -> None:
        self._numbers[stream] += 1
        prefix, number = self._config.storage.prefix or "", self._numbers[stream]
        name = f"{prefix}{self._tap}--{stream}-{self._run}-{number}.json.gz"
        file = self._open.pop(stream)
        self._saved.append((stream, self._thread.submit(self._save, file, name)))

    def _save(self, file: _File, name: str) -> str:
        """Write a file to the storage, and return its URL."""
        with file:
            self._storage.put(name, file.write_to)
        return self._config.storage.get_url(name)

    def _announce_next(self) -> None:
        stream, saved = self._saved.popleft()
        self._announce(stream, _done(saved))


class _File(AbstractContextManager["_File"]):
    """A file while it is made; all but the count belongs to the thread that compresses."""

    def __init__(self) -> None:
        self.count = 0
        self._compress = zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._content = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when saved

    def __exit__(self, *_: object) -> None:
        """Discard the content."""
        self._content.close()

    def add(self, bodies: Sequence[bytes]) -> None:
        """Add rows."""
        self._content.write(self._compress.compress(b"\n".join(bodies) + b"\n"))

    def write_to(self, target: IO[bytes]) -> None:
        """Write the whole file, once."""
        self._content.write(self._compress.flush())
        self._content.seek(0)
        shutil.copyfileobj(self._content, target)


def _done(future: Future[Result]) -> Result:
    """Return the result of a step of the thread.

    Raises:
        OutputError: It failed.
    """
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - each kind of storage has its own
        reason = getattr(error, "strerror", None) or type(error).__name__
        msg = (
            "a batch file cannot be written to `batch_config.storage.root`, or to the directory "
            f"for temporary files: {reason}"
        )
        raise OutputError(msg) from None
