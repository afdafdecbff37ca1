"""What every source of rows can do."""

from __future__ import annotations

import abc
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from tap_voicecalls.page.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

Values = tuple[Any, ...]

KEY = ("provider", "account", "call_id")
"""The columns that no table of calls can lack; others are null where they are left out."""


class Source(Protocol):
    """Rows of the common streams, as they were loaded."""

    def has(self, stream: str) -> bool:
        """Return whether there are rows of a stream."""

    def rows(self, stream: str, columns: Sequence[str], start: str) -> Iterator[Values]:
        """Yield the rows of a stream in the order of loading; a later row replaces an earlier one.

        Args:
            stream: The stream's name.
            columns: The columns to return; those that the source lacks are null.
            start: The column of the call's start.
        """

    def close(self) -> None:
        """Close files and connections."""


class FileSource(abc.ABC):
    """Rows of files in a folder.

    Args:
        folder: The folder.
        since: Leaves out calls that started earlier.
    """

    def __init__(self, folder: Path, since: datetime | None) -> None:
        self.folder = folder
        self.since = since
        self._chosen: dict[str, list[Path]] = {}

    def use(self, path: Path) -> None:
        """Read the calls from this file."""
        self._chosen["calls"] = [path]

    def has(self, stream: str) -> bool:
        """Return whether there is a file of a stream."""
        return bool(self.paths(stream))

    def close(self) -> None:  # noqa: B027 - not for a subclass to define
        """Close nothing: files are open only while they are read."""

    def paths(self, stream: str) -> list[Path]:
        """Return the files of a stream, in the order of loading."""
        return self._chosen.get(stream) or self.found(stream)

    @abc.abstractmethod
    def found(self, stream: str) -> list[Path]:
        """Find the files of a stream in the folder, by their names."""

    @abc.abstractmethod
    def rows(self, stream: str, columns: Sequence[str], start: str) -> Iterator[Values]:
        """Yield the rows of a stream; see :class:`Source`."""


def check_key(place: str, stream: str, columns: Collection[str]) -> None:
    """Raise a PageError if a table lacks a column of the key of the calls."""
    if missing := [name for name in KEY if name not in columns]:
        msg = f"{place} is not the stream `{stream}`: it has no {', no '.join(missing)}"
        raise PageError(msg)


def load_reader(module: str, extra: str, kind: str) -> Any:  # noqa: ANN401 - a module
    """Import a reader, which is installed only where it is needed.

    Raises:
        PageError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        msg = f"reading {kind} needs {module}: pip install 'tap-voicecalls[{extra}]'"
        raise PageError(msg) from None
