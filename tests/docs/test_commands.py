"""Each command of the docs is run by a test, or says why it is not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from docs.pages import ROOT, every_page

_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]+) -->\n)?```(?P<kind>sh|python|sql|yaml)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_RUN = "run in a folder with config.json"
_TESTED = re.compile(r"(?:tested|run) by (tests/\S+\.py)")
_REASON = re.compile(r"not run: \S.+")
# A target, as far as the commands need one: it reads everything, and prints the last state.
_TARGET = """#!/bin/sh
grep '"type":"STATE"' | tail -n 1 | sed 's/^{"type":"STATE","value"://; s/}$//'
"""


class Fence(NamedTuple):
    """Commands on a page.

    Attributes:
        page: The page, and the line on which they begin.
        mark: What the comment before them says.
        text: The commands.
    """

    page: str
    mark: str
    text: str


def _fences() -> list[Fence]:
    found = []
    for path in every_page():
        text = path.read_text(encoding="utf-8")
        for each in _FENCE.finditer(text):
            line = text[: each.start()].count("\n") + 1
            where = f"{path.relative_to(ROOT)}:{line}"
            found.append(Fence(where, each["mark"] or "", each["text"]))
    return found


FENCES = _fences()


@pytest.mark.parametrize("fence", FENCES, ids=lambda fence: fence.page)
def test_commands_are_run_or_say_why_not(fence: Fence) -> None:
    """Nobody notices that a command of the docs has become wrong."""
    tested = _TESTED.fullmatch(fence.mark)
    assert fence.mark == _RUN or tested or _REASON.fullmatch(fence.mark), fence.mark
    if tested:
        assert (ROOT / tested[1]).exists()


@pytest.mark.parametrize(
    "fence", [each for each in FENCES if each.mark == _RUN], ids=lambda fence: fence.page
)
def test_the_commands_run(fence: Fence, tmp_path: Path) -> None:
    """A user who copies a line must not be the first one to run it."""
    days = {"start_date": "2026-01-05", "end_date": "2026-01-06", "simulate": True}
    config = tmp_path / "config.json"
    config.write_text(json.dumps(days | {"burki": {"api_key": "x"}}), encoding="utf-8")
    target = tmp_path / "bin/target-jsonl"
    target.parent.mkdir()
    target.write_text(_TARGET, encoding="utf-8")
    target.chmod(0o755)
    path = [str(target.parent), str(Path(sys.executable).parent), os.defpath]
    simulated = {
        "TAP_VOICECALLS_SIMULATE": "true",
        "TAP_VOICECALLS_END_DATE": "2026-01-02",
    }

    done = subprocess.run(  # noqa: S603 - the commands of our own pages
        ["/bin/sh", "-e", "-c", fence.text],
        cwd=tmp_path,
        env={"PATH": os.pathsep.join(path), "HOME": str(tmp_path), **simulated},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
