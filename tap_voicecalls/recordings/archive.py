"""Stores the recordings of calls while their links live, and tells in each row what came of it."""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from tap_voicecalls.common.errors import ReadCancelled
from tap_voicecalls.common.times import format_time
from tap_voicecalls.output.storage import Storage, Stored
from tap_voicecalls.recordings.folders import Folders
from tap_voicecalls.recordings.place import (
    extension_of,
    folder_of,
    media_type_of,
    plain_media_type,
    stem_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from threading import Event

    from tap_voicecalls.calls.recording import Recording, RecordingStatus
    from tap_voicecalls.common.progress import Reading
    from tap_voicecalls.common.run import Run
    from tap_voicecalls.recordings.fetching import Fetching

AT_ONCE = 4
"""Recordings that are fetched at the same time, over all accounts."""

_CHUNK = 1 << 20  # bytes
_logger = logging.getLogger(__name__)


class Archive:
    """The archive of one run; safe to share between threads.

    Args:
        root: A folder, or an fsspec URL.
        run: Gets a failure if the storage fails, and is told when it ends.
    """

    def __init__(self, root: str, run: Run) -> None:
        self._storage = Storage(root)
        self._folders = Folders(self._storage)
        self._run = run
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="recordings")
        self._lock = Lock()
        self._counts = Counter[str]()
        self._has_failed = False
        run.at_end.append(self._end)

    def store(
        self,
        recordings: Sequence[Recording],
        fetching: Fetching,
        cancelled: Event,
        reading: Reading,
    ) -> None:
        """Store the recordings that no one has tried to store in this run; fill in their rows.

        Args:
            recordings: The recordings of an account.
            fetching: Fetches the files of this account.
            cancelled: Ends all waits when set.
            reading: Where their number, and each one that is done, is reported.

        Raises:
            ReadCancelled: The read was cancelled.
        """
        left = [one for one in recordings if one.status == "off"]
        if not left or self._has_failed:
            return
        reading.stores(len(left))
        for _ in self._threads.map(partial(self._store, fetching, cancelled), left):
            reading.stored()

    def close_window(self) -> None:
        """Write the hashes of the files that were stored, before the state says that they are."""
        if not self._has_failed:
            try:
                self._folders.write_hashes()
            except Exception as error:  # noqa: BLE001 - each kind of storage has its own
                self._fail(error)

    def _store(self, fetching: Fetching, cancelled: Event, recording: Recording) -> None:
        if cancelled.is_set():
            raise ReadCancelled
        if self._has_failed:
            return
        try:
            folder, stem = folder_of(recording), stem_of(recording)
            found = self._folders.find(folder, stem)
            if found is None:
                status = self._fetch(fetching, cancelled, recording, f"{folder}/{stem}")
            else:
                name, stored = found
                told = self._folders.hash_of(folder, name)
                self._fill(recording, f"{folder}/{name}", stored, told)
                status = "archived"
                self._count("there already")
        except ReadCancelled:
            raise
        except Exception as error:  # noqa: BLE001 - each kind of storage has its own
            self._fail(error)
            return
        recording.status = status

    def _fetch(
        self, fetching: Fetching, cancelled: Event, recording: Recording, path: str
    ) -> RecordingStatus:
        """Fetch a file and store it."""
        with TemporaryFile() as file:
            status, content_type = fetching.fetch(recording, file, cancelled)
            size = file.seek(0, 2)
            if status == "archived" and not size:
                status = "missing"
            self._count(status)
            if status != "archived":
                return status
            recording.media_type = recording.media_type or plain_media_type(content_type)
            extension = extension_of(
                plain_media_type(content_type) or recording.media_type, recording.url
            )
            copy = _Copy(file)
            self._storage.put(f"{path}.{extension}", copy.write)
        stored = Stored(size, datetime.now(UTC))
        folder, _, name = f"{path}.{extension}".rpartition("/")
        self._folders.add(folder, name, stored, copy.sha256)
        self._fill(recording, f"{path}.{extension}", stored, copy.sha256)
        return "archived"

    def _fill(self, recording: Recording, path: str, stored: Stored, hashed: str) -> None:
        recording.file = self._storage.address(path)
        recording.bytes, recording.sha256 = stored.size, hashed
        recording.media_type = recording.media_type or media_type_of(path)
        recording.archived_at = format_time(stored.modified) if stored.modified else None

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1

    def _fail(self, error: Exception) -> None:
        """Stop archiving; the streams go on, and the run fails at its end."""
        with self._lock:
            if not self._has_failed:
                self._has_failed = True
                reason = getattr(error, "strerror", None) or type(error).__name__
                self._run.failures.append(
                    f"`recordings.root`, or the directory for temporary files, cannot be used: "
                    f"{reason}; check both; recordings are not archived any more in this run"
                )

    def _end(self) -> None:
        self.close_window()
        self._threads.shutdown(cancel_futures=True)
        if self._counts:
            counts = ", ".join(f"{count} {what}" for what, count in sorted(self._counts.items()))
            _logger.info("recordings: %s", counts)


@dataclass(frozen=True, slots=True)
class ProviderArchive:
    """The archive, as the streams of a provider see it.

    Attributes:
        archive: The archive.
        fetching: What fetches the files of each account, by its label.
    """

    archive: Archive
    fetching: Mapping[str, Fetching]

    def store(
        self, account: str, recordings: Sequence[Recording], cancelled: Event, reading: Reading
    ) -> None:
        """Store the recordings of an account, as :meth:`Archive.store` does."""
        self.archive.store(recordings, self.fetching[account], cancelled, reading)

    def close_window(self) -> None:
        """Finish what was stored, before the state says that it is."""
        self.archive.close_window()


@dataclass
class _Copy:
    """Copies a file and hashes it on the way."""

    source: IO[bytes]
    sha256: str = ""

    def write(self, target: Any) -> None:  # noqa: ANN401 - a file of any storage
        digest = sha256()
        self.source.seek(0)
        while chunk := self.source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
        self.sha256 = digest.hexdigest()
