"""The files of reports: downloaded side by side, handed out in order, closed at the end."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, cast

import pytest

from tap_voicecalls.common.errors import ApiError, ReadCancelled
from tap_voicecalls.common.windows import Window
from tap_voicecalls.providers.vonage.reports.downloads import DOWNLOADS_AT_ONCE, downloaded
from tap_voicecalls.providers.vonage.reports.report import Report
from tap_voicecalls.providers.vonage.reports.request import ReportRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_voicecalls.providers.vonage.reports.lifecycle import Reports

LONG = 60  # seconds after which a test that hangs fails; none of them ever waits that long
START = datetime(2026, 1, 1, tzinfo=UTC)
PIECES = [
    Window(START + n * timedelta(days=1), START + (n + 1) * timedelta(days=1)) for n in (0, 1)
]


class FakeReports:
    """Reports whose files hold their own names.

    Args:
        names: The reports of each piece.
        meet: Is waited at by each download.
        later: Is waited for before the reports of the second piece are ready.
    """

    def __init__(
        self,
        names: Sequence[Sequence[str]],
        meet: threading.Barrier | None = None,
        later: threading.Event | None = None,
    ) -> None:
        self.names, self.meet, self.later = names, meet, later
        self.files: list[IO[bytes]] = []
        self.begun = threading.Semaphore(0)
        self.broken: set[str] = set()

    def of_piece(self, piece: Window) -> list[ReportRequest]:
        """Return the reports of a piece."""
        number = PIECES.index(piece)
        if number and self.later and not self.later.wait(LONG):
            raise TimeoutError
        return [
            ReportRequest("p", piece, Report(name, "SUCCESS", 1, name), 0)
            for name in self.names[number]
        ]

    def download(self, request: ReportRequest, file: IO[bytes]) -> bool:
        """Write a report's name."""
        self.files.append(file)
        self.begun.release()
        if request.report.id in self.broken:
            msg = "refused"
            raise ApiError(msg)
        if self.meet:
            self.meet.wait(LONG)
        file.write(request.report.id.encode())
        file.seek(0)
        return True

    def after_lost_file(self, request: ReportRequest) -> list[ReportRequest]:
        """No file is lost."""
        raise NotImplementedError


def read(reports: FakeReports) -> Iterator[tuple[str, bool]]:
    """Yield the files of all pieces, and where a piece is complete."""
    for one in downloaded(cast("Reports", reports), PIECES):
        for file in one.files:
            yield file.content.read().decode(), False
        if one.is_complete:
            yield "", True


def test_files_are_downloaded_at_the_same_time_and_read_in_order() -> None:
    """Files that are downloaded one after the other make a long history slow."""
    names = [f"{number}" for number in range(DOWNLOADS_AT_ONCE)]
    reports = FakeReports([names, []], meet=threading.Barrier(DOWNLOADS_AT_ONCE))

    assert list(read(reports)) == [*((name, False) for name in names), ("", True), ("", True)]
    assert all(file.closed for file in reports.files)


def test_a_piece_is_read_while_the_next_one_is_not_ready() -> None:
    """A report takes minutes: what came before it must be written, and bookmarked, by then."""
    later = threading.Event()
    reading = read(FakeReports([["a"], ["b"]], later=later))

    assert [next(reading), next(reading)] == [("a", False), ("", True)]
    later.set()
    assert list(reading) == [("b", False), ("", True)]


def test_the_number_of_files_on_the_disk_is_bounded() -> None:
    """A file may have gigabytes: all files of a year at once would fill the disk."""
    reports = FakeReports([[str(number) for number in range(20)], []])
    reading = read(reports)
    next(reading)
    for _ in range(DOWNLOADS_AT_ONCE + 1):
        assert reports.begun.acquire(timeout=LONG)

    assert len(reports.files) == DOWNLOADS_AT_ONCE + 1
    cast("Any", reading).close()


@pytest.mark.parametrize("fails", [False, True])
def test_no_file_stays_open_when_the_reading_ends_early(*, fails: bool) -> None:
    """An interrupted run must not leave the data of people on the disk."""
    reports = FakeReports([["a", "b", "c"], []])
    reading = read(reports)
    if fails:
        reports.broken = {"a"}
        with pytest.raises((ApiError, ReadCancelled)):
            next(reading)
    else:
        next(reading)
        cast("Any", reading).close()

    for thread in threading.enumerate():
        if thread.name.startswith("read-ahead"):
            thread.join(LONG)
    assert all(file.closed for file in reports.files)
