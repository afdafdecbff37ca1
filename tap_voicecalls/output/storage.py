"""A folder or object store that recordings and batch files are written to, by fsspec."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import fsspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Stores that show a file only when it is complete; everywhere else it is moved to its name.
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci"}
_CHUNK = 1 << 20  # bytes
_PART = ".part"
# Parts that are older were left behind by a run that was killed.
_PART_LIVES = 3600.0  # seconds
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "created")


class Stored(NamedTuple):
    """A file in the storage.

    Attributes:
        size: Its size in bytes.
        modified: When it was written, if the storage tells.
    """

    size: int
    modified: datetime | None


class Storage:
    """A root and what lies below it; safe to share between threads.

    Args:
        root: A folder, or an fsspec URL such as ``s3://bucket/prefix``.

    Raises:
        ImportError: The protocol needs a package that is not installed.
        ValueError: The protocol is not known.
    """

    def __init__(self, root: str) -> None:
        fs, path = fsspec.url_to_fs(root, use_listings_cache=False)
        self._fs: Any = fs
        self._root = str(path).rstrip("/")
        protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
        self._shows_complete_files_only = protocol in _OBJECT_STORES
        self._is_local = protocol in {"file", "local"}

    def address(self, path: str) -> str:
        """Return the full path of a file, or its URL without credentials."""
        full = self._full(path)
        return full if self._is_local else str(self._fs.unstrip_protocol(full))

    def list(self, folder: str) -> dict[str, Stored]:
        """Return the complete files of a folder by name; left-over parts are removed."""
        try:
            found = self._fs.ls(self._full(folder), detail=True)
        except FileNotFoundError:
            return {}
        files = {}
        for info in found:
            name = str(info["name"]).rstrip("/").rpartition("/")[2]
            if name.endswith(_PART):
                self._sweep(info)
            elif info.get("type") == "file":
                files[name] = Stored(int(info.get("size") or 0), _modified(info))
        return files

    def put(self, path: str, write: Callable[[IO[bytes]], None]) -> None:
        """Write a file, as :meth:`writing` does, with a function that writes the content."""
        with self.writing(path) as file:
            write(file)

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """Open a new file, so that nobody ever sees a part of it under its name.

        Args:
            path: The file, below the root.
        """
        full = self._full(path)
        write = self._committed if self._shows_complete_files_only else self._moved
        with write(full) as file:
            yield file

    @contextmanager
    def _committed(self, full: str) -> Iterator[IO[bytes]]:
        file = self._fs.open(full, "wb", autocommit=False)
        try:
            yield file
            file.close()
            file.commit()
        except BaseException:
            with suppress(Exception):
                file.discard()
            raise

    @contextmanager
    def _moved(self, full: str) -> Iterator[IO[bytes]]:
        folder, _, name = full.rpartition("/")
        self._fs.makedirs(folder, exist_ok=True)
        part = f"{folder}/.{name}.{secrets.token_hex(4)}{_PART}"
        try:
            with self._fs.open(part, "wb") as file:
                yield file
            self._fs.mv(part, full)
        except BaseException:
            with suppress(Exception):
                self._fs.rm_file(part)
            raise

    def read_text(self, path: str) -> str:
        """Return the content of a text file; empty if there is none."""
        try:
            return str(self._fs.cat_file(self._full(path)).decode("utf-8", "replace"))
        except FileNotFoundError:
            return ""

    def hash(self, path: str) -> str:
        """Read a file and return its SHA-256, in hexadecimal."""
        digest = sha256()
        with self._fs.open(self._full(path), "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _sweep(self, info: Mapping[str, Any]) -> None:
        modified = _modified(info)
        if modified and time.time() - modified.timestamp() > _PART_LIVES:
            with suppress(OSError):
                self._fs.rm_file(info["name"])


def _modified(info: Mapping[str, Any]) -> datetime | None:
    told = next((info[name] for name in _TIMES if info.get(name)), None)
    if isinstance(told, datetime):
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int | float) else None
