"""The files of reports, downloaded side by side and handed out in order."""

from __future__ import annotations

from collections import deque
from contextlib import closing, contextmanager
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, TYPE_CHECKING, NamedTuple

from tap_voicecalls.common.errors import ReadCancelled
from tap_voicecalls.streams.read_ahead import read_ahead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.common.windows import Window
    from tap_voicecalls.providers.vonage.reports.lifecycle import Reports
    from tap_voicecalls.providers.vonage.reports.request import ReportRequest

PIECES_AT_ONCE = 4
"""How many pieces of time are requested ahead."""
DOWNLOADS_AT_ONCE = 4
"""How many files are downloaded or wait on the disk at once."""


class ReportFile(NamedTuple):
    """The file of a report.

    Attributes:
        request: The report.
        content: The file, at its start.
    """

    request: ReportRequest
    content: IO[bytes]


class DownloadedPiece(NamedTuple):
    """Files of a piece of time.

    Attributes:
        piece: The piece of time.
        files: The files, in order.
        is_complete: Whether no more files of the piece follow.
    """

    piece: Window
    files: list[ReportFile]
    is_complete: bool


def downloaded(reports: Reports, pieces: Iterable[Window]) -> Iterator[DownloadedPiece]:
    """Yield the files of all pieces, in order; each is closed when the next one is taken.

    A download never waits for a report of a later piece, and holds no more than
    `DOWNLOADS_AT_ONCE` files on the disk beside the one that is being read.
    """
    with _temporary_files() as files, closing(_Queue(reports, pieces)) as queue:
        for one in read_ahead(_Downloader(reports, files), queue, queue.at_once):
            yield one
            for file in one.files:
                files.close(file.content)


class _Item(NamedTuple):
    """A report to download; None at the end of a piece."""

    piece: Window
    request: ReportRequest | None


class _Queue:
    """Finished reports in order, and how many of them to download at once."""

    def __init__(self, reports: Reports, pieces: Iterable[Window]) -> None:
        self._reports = reports
        self._ready, self._taken = set[int](), 0
        self._left = deque[_Item]()
        self._pieces = read_ahead(self._finish, enumerate(pieces), lambda: PIECES_AT_ONCE)

    def __iter__(self) -> Iterator[_Item]:
        for piece, requests in self._pieces:
            self._taken += 1
            self._left.extend(_Item(piece, request) for request in (*requests, None))
            while self._left:
                yield self._left.popleft()

    def at_once(self) -> int:
        """Return 0 while the next report is not ready: files that came are read first."""
        return DOWNLOADS_AT_ONCE if self._left or self._taken in self._ready else 0

    def close(self) -> None:
        """Stop waiting for further reports."""
        self._pieces.close()

    def _finish(self, numbered: tuple[int, Window]) -> tuple[Window, list[ReportRequest]]:
        number, piece = numbered
        try:
            return piece, self._reports.of_piece(piece)
        finally:
            self._ready.add(number)


class _Downloader:
    """Downloads the file of one report; many threads use it."""

    def __init__(self, reports: Reports, files: _TemporaryFiles) -> None:
        self._reports, self._files = reports, files

    def __call__(self, item: _Item) -> DownloadedPiece:
        """Return the file; if it no longer exists, those of the reports that replace it."""
        files = [] if item.request is None else list(self._files_of(item.request))
        return DownloadedPiece(item.piece, files, item.request is None)

    def _files_of(self, request: ReportRequest) -> Iterator[ReportFile]:
        if request.report.rows == 0:
            return
        file = self._files.open()
        if self._reports.download(request, file):
            yield ReportFile(request, file)
            return
        self._files.close(file)
        for other in self._reports.after_lost_file(request):
            yield from self._files_of(other)


class _TemporaryFiles:
    """Temporary files without a name: they hold personal data, and end with the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = set[IO[bytes]]()
        self._is_closed = False

    def open(self) -> IO[bytes]:
        """Create a file.

        Raises:
            ReadCancelled: The read has ended.
        """
        with self._lock:
            if self._is_closed:
                raise ReadCancelled
            file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed below
            self._open.add(file)
            return file

    def close(self, file: IO[bytes]) -> None:
        """Close a file."""
        with self._lock:
            self._open.discard(file)
        file.close()

    def close_all(self) -> None:
        """Close all files; a download in flight fails at its next write."""
        with self._lock:
            self._is_closed = True
            still_open, self._open = self._open, set()
        for file in still_open:
            file.close()


@contextmanager
def _temporary_files() -> Iterator[_TemporaryFiles]:
    files = _TemporaryFiles()
    try:
        yield files
    finally:
        files.close_all()
