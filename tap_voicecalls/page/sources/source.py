"""What every source of rows can do."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from tap_voicecalls.page.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
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


class FileSource(Source, Protocol):
    """Rows of files."""

    def use(self, path: Path) -> None:
        """Read the calls from this file."""


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
