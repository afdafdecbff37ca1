"""What the folders of the archive hold: files that are there already, and their hashes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import IO, TYPE_CHECKING

from tap_voicecalls.recordings.place import CHECKSUMS

if TYPE_CHECKING:
    from tap_voicecalls.output.storage import Storage, Stored

_MOST_FOLDERS = 64  # one for each account and day; those of the oldest day are forgotten first


@dataclass(slots=True)
class _Folder:
    """What a folder holds, and the hashes that are not written to it yet."""

    files: dict[str, Stored]
    hashes: dict[str, str]
    stems: dict[str, str]
    unwritten: dict[str, str] = field(default_factory=dict)


class Folders:
    """The folders that a run uses, each listed once; safe to share between threads.

    Args:
        storage: Where they are.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lock = Lock()
        self._folders = OrderedDict[str, _Folder]()

    def find(self, folder: str, stem: str) -> tuple[str, Stored] | None:
        """Return the file of a stem, with any extension, and what is known of it."""
        with self._lock:
            found = self._folder(folder)
            name = found.stems.get(stem)
            return None if name is None else (name, found.files[name])

    def hash_of(self, folder: str, name: str) -> str:
        """Return the hash of a file; the file is only read if no run has written its hash."""
        with self._lock:
            known = self._folder(folder)
            told = known.hashes.get(name)
        if told is None:
            told = self._storage.hash(f"{folder}/{name}")
            self.add(folder, name, known.files[name], told)
        return told

    def add(self, folder: str, name: str, stored: Stored, sha256: str) -> None:
        """Note a file that was stored, or hashed."""
        with self._lock:
            known = self._folder(folder)
            known.files[name] = stored
            known.stems[_stem(name)] = name
            known.hashes[name] = known.unwritten[name] = sha256

    def write_hashes(self) -> None:
        """Write the hashes that are new to the file of each folder.

        Raises:
            OSError: A file cannot be written.
        """
        with self._lock:
            for path, folder in self._folders.items():
                self._write_hashes(path, folder)

    def _write_hashes(self, path: str, folder: _Folder) -> None:
        if not folder.unwritten:
            return
        # Read again: another run may have written to the folder meanwhile.
        merged = self._read_hashes(path) | folder.unwritten
        lines = "".join(f"{merged[name]}  {name}\n" for name in sorted(merged))

        def write(file: IO[bytes]) -> None:
            file.write(lines.encode())

        self._storage.put(f"{path}/{CHECKSUMS}", write)
        folder.unwritten = {}

    def _folder(self, path: str) -> _Folder:
        known = self._folders.get(path)
        if known is None:
            files = self._storage.list(path)
            hashes = self._read_hashes(path) if CHECKSUMS in files else {}
            files.pop(CHECKSUMS, None)
            known = _Folder(files, hashes, {_stem(name): name for name in files})
            self._folders[path] = known
            while len(self._folders) > _MOST_FOLDERS:
                self._write_hashes(*self._folders.popitem(last=False))
        return known

    def _read_hashes(self, path: str) -> dict[str, str]:
        lines = self._storage.read_text(f"{path}/{CHECKSUMS}").splitlines()
        pairs = (line.partition("  ") for line in lines)
        return {name: sha256 for sha256, _, name in pairs if name}


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
