"""Each program of the package tells its version, and how it is used."""

from __future__ import annotations

import subprocess
import sysconfig
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

PROGRAMS = sorted(
    each.name
    for each in entry_points(group="console_scripts")
    if each.dist is not None and each.dist.name == "tap-voicecalls"
)


def printed(program: str, option: str) -> str:
    """Run a program with an option and return what it prints."""
    path = Path(sysconfig.get_path("scripts")) / program
    return subprocess.check_output([path, option], text=True, timeout=60)  # noqa: S603 - our own


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_tells_its_version(program: str) -> None:
    """Catches a program that cannot be named in a report of a defect."""
    first, second, *_ = printed(program, "--version").split()

    assert (first, second.strip("v,")) == (program, version("tap-voicecalls"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_help_has_an_example(program: str) -> None:
    """Catches a list of options from which nobody sees how to begin."""
    text = printed(program, "--help")

    assert "examples:" in text
    assert f"  {program} " in text.split("examples:")[1]
