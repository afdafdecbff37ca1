"""Rows of JSON lines files, as target-jsonl and others write them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.page.errors import PageError
from tap_voicecalls.page.sources.source import KEY, FileSource, check_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tap_voicecalls.page.sources.source import Values

_LATER = "~"  # what has no time is not left out
_SECONDS = "%Y-%m-%dT%H:%M:%S"
_SUFFIXES = (".jsonl", ".ndjson")


class JsonLinesSource(FileSource):
    """A folder with a file for each stream, `calls.jsonl`; several files, `calls-*`, are one."""

    def rows(self, stream: str, columns: Sequence[str], start: str) -> Iterator[Values]:
        """Yield the rows of a stream; see :class:`Source`."""
        names = dict.fromkeys((*columns, start))
        since = self.since.astimezone(UTC).strftime(_SECONDS) if self.since else ""
        row = msgspec.defstruct("Row", [(name, Any, None) for name in names], gc=False)
        decoder = msgspec.json.Decoder(row)
        for path in self.paths(stream):
            with path.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    if not line.strip():
                        continue
                    try:
                        found = decoder.decode(line)
                    except (msgspec.DecodeError, UnicodeDecodeError):
                        msg = f"{path}, line {number} is not a record of the stream `{stream}`"
                        raise PageError(msg) from None
                    if any(getattr(found, name) is None for name in KEY):
                        check_key(f"{path}, line {number}", stream, _keys(line))
                    if not since or (getattr(found, start) or _LATER) >= since:
                        yield msgspec.structs.astuple(found)[: len(columns)]

    def found(self, stream: str) -> list[Path]:
        """Find `calls.jsonl`, or else `calls-*.jsonl`."""
        names = (f"{stream}{end}" for end in _SUFFIXES)
        if whole := [path for name in names if (path := self.folder / name).is_file()]:
            return whole[:1]
        return sorted(path for end in _SUFFIXES for path in self.folder.glob(f"{stream}-*{end}"))


def _keys(line: bytes) -> set[str]:
    """Return the names of a line's values that are not null."""
    return {name for name, value in msgspec.json.decode(line).items() if value is not None}
