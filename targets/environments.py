"""A virtual environment for each target, under .cache/targets, made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from targets.target import Target

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache/targets"
_INSTALL_SECONDS = 600


class NotInstalledError(Exception):
    """A target cannot be installed here."""


def program(target: Target) -> list[str]:
    """Install a target unless it is there, and return the command that runs it.

    Raises:
        NotInstalledError: It cannot be installed; says what uv says.
    """
    folder = CACHE / target.environment_name
    made_of, wanted = folder / "made-of.txt", "\n".join([*target.installs, *target.overrides])
    if not made_of.exists() or made_of.read_text(encoding="utf-8") != wanted:
        _make(folder, target)
        made_of.write_text(wanted, encoding="utf-8")
    if target.launcher:
        return [str(folder / "bin/python"), str(ROOT / target.launcher)]
    return [str(folder / "bin" / target.executable)]


def _make(folder: Path, target: Target) -> None:
    uv, python = Path(sys.executable).with_name("uv"), folder / "bin/python"
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder])
    overrides = folder / "overrides.txt"
    overrides.write_text("\n".join(target.overrides), encoding="utf-8")
    install: list[str | Path] = [uv, "pip", "install", "--quiet", "--compile-bytecode"]
    _run([*install, "--python", python, "--override", overrides, *target.installs])


def _run(command: list[str | Path]) -> None:
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        message = f"took more than {_INSTALL_SECONDS} s"
        raise NotInstalledError(message) from error
    if ran.returncode:
        said = " ".join(ran.stderr.split())
        raise NotInstalledError((said.partition("cause: ")[2] or said)[:160])
