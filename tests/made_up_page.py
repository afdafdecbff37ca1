"""The page of made-up calls, written by the program; and what its file holds."""

from __future__ import annotations

import json
import re
import sys
import zlib
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from made_up_calls import Call, calls, lines, turns, write
from registry import schema_of

from tap_voicecalls.page.cli import write_page
from tap_voicecalls.page.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM = Path(sys.executable).with_name("voicecalls-page")
EMBEDDED = re.compile(
    r'<script type="application/octet-stream" id="data-([\w-]+)">([^<]*)</script>'
)

Streams = dict[str, list[Call]]


def streams() -> Streams:
    """Return the rows of three streams, each call as it is in the end."""
    final = calls()
    said = turns(final)
    return {"calls": final, "call_turns": said, "call_recordings": recordings(final)}


def recordings(final: Iterable[Call]) -> list[Call]:
    """Return where the recordings of the completed calls of Voicy and Burki are."""
    return [
        {
            **dict.fromkeys(schema_of("call_recordings")["properties"]),
            **{name: call[name] for name in ("provider", "account", "call_id")},
            "recording": "0",
            "url": f"https://recordings.example/{call['call_id']}.mp3",
            "file": f"archive/{call['provider']}/{call['call_id']}-0.mp3",
            "status": "archived",
            "bytes": 40_000,
            "duration_seconds": call["duration_seconds"],
        }
        for call in final
        if call["provider"] in {"voicy", "burki"} and call["status"] == "completed"
    ]


def write_lines(folder: Path, rows: Streams) -> Path:
    """Write a JSON lines file for each stream, as several runs append to it."""
    folder.mkdir(parents=True, exist_ok=True)
    for stream, found in rows.items():
        write(folder / f"{stream}.jsonl", lines(found) if stream == "calls" else found)
    return folder


class Made(NamedTuple):
    """How the program ended; as a process, but for the seconds that one takes to start."""

    returncode: int
    stdout: str
    stderr: str


def make_page(source: object, page: Path, *options: str) -> Made:
    """Run the program."""
    try:
        return Made(0, write_page([str(source), str(page), *options]), "")
    except PageError as error:
        return Made(1, "", str(error))


def embedded(page: Path) -> dict[str, Any]:
    """Return what a page holds: JSON, and the columns' bytes; without the time of its making."""
    found = dict(EMBEDDED.findall(page.read_text(encoding="utf-8")))
    opened = {name: zlib.decompress(b64decode(text)) for name, text in found.items()}
    read: dict[str, Any] = {
        name: text if name == "columns" else json.loads(text) for name, text in opened.items()
    }
    del read["header"]["made"]
    return read
