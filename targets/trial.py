"""Load into a target, twice, and see what is there."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from targets.compare import Comparison, compare
from targets.environments import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from targets.place import Place
    from targets.target import Target
    from targets.written import Stream

_LOAD_SECONDS = 900


class LoadError(Exception):
    """The target ended with an error."""


@dataclass(frozen=True)
class Written:
    """The messages of one run of the tap.

    Attributes:
        path: The file with them.
        half: The file with the messages of a later run, which has some of the same records.
        streams: What they say.
    """

    path: Path
    half: Path
    streams: Mapping[str, Stream]


@dataclass(frozen=True)
class Trial:
    """How a target loaded the messages.

    Attributes:
        result: What it made of them.
        seconds: How long the first load took.
        again: What is there after a later run, or why that failed.
    """

    result: Comparison
    seconds: float
    again: Comparison | str


def try_out(target: Target, command: list[str], place: Place, written: Written) -> Trial:
    """Load the messages, compare, load those of a later run, and compare with the first again.

    Raises:
        LoadError: The first load failed.
    """
    config = place.folder.with_suffix(".json")
    config.write_text(json.dumps(target.settings(place)), encoding="utf-8")
    words = [*command, "--config", str(config)]
    began = time.perf_counter()
    _load(target, words, place, written.path)
    seconds = time.perf_counter() - began
    result = compare(dict(written.streams), target.read(place))
    try:
        _load(target, words, place, written.half)
    except LoadError as error:
        return Trial(result, seconds, str(error))
    return Trial(result, seconds, compare(dict(written.streams), target.read(place)))


def _load(target: Target, command: list[str], place: Place, messages: Path) -> None:
    environment = {
        **os.environ,
        **target.environment,
        "SNOWFLAKE_STAND_IN_PORT": str(place.snowflake),
        # Else the connector looks for the cloud that it runs in.
        "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
    }
    with messages.open("rb") as stdin:
        try:
            ran = subprocess.run(
                command,
                stdin=stdin,
                capture_output=True,
                cwd=place.folder,
                env=environment,
                check=False,
                timeout=_LOAD_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            message = f"took more than {_LOAD_SECONDS} s"
            raise LoadError(message) from error
    if ran.returncode:
        place.folder.with_suffix(".log").write_bytes(ran.stderr)
        raise LoadError(_reason(ran.stderr.decode(errors="replace"), ran.returncode))


def _reason(log: str, code: int) -> str:
    """Return the last line that names an exception, without what comes after its first sentence."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    named = [line for line in lines if "Error" in line.partition(":")[0] and ":" in line]
    reason = (named or lines or [f"exit code {code}"])[-1]
    return reason.replace(str(ROOT), "")[:160]
