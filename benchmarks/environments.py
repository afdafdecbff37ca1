"""Virtual environments of tools that this project does not depend on, each created once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "bench"
_REQUIREMENTS = Path(__file__).parent / "requirements"


def names() -> list[str]:
    """Return the names of all environments: one for each file of requirements."""
    return sorted(path.stem for path in _REQUIREMENTS.glob("*.txt"))


def program(environment: str, name: str) -> Path:
    """Return the path of a program of an environment."""
    return CACHE / environment / "bin" / name


def own_program(name: str) -> Path:
    """Return the path of a program of this project's environment."""
    return Path(sys.executable).with_name(name)


def pins(environment: str) -> list[str]:
    """Return the requirements of an environment."""
    return (_REQUIREMENTS / f"{environment}.txt").read_text().split()


def make(environment: str) -> None:
    """Create an environment, unless it exists with the same requirements."""
    folder, wanted = CACHE / environment, _REQUIREMENTS / f"{environment}.txt"
    made_of = folder / "made-of.txt"
    if made_of.exists() and made_of.read_text() == wanted.read_text():
        return
    uv, python = own_program("uv"), program(environment, "python")
    commands: tuple[list[str | Path], ...] = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder],
        # Compiled at installation, not during the first measured run.
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "-r", wanted],
    )
    for command in commands:
        subprocess.run(command, check=True)
    made_of.write_text(wanted.read_text())
