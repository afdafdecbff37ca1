"""Writes a project into a folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tap_voicecalls.project.contents import contents
from tap_voicecalls.project.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from tap_voicecalls.project.choices import Choices


def check_empty(folder: Path) -> None:
    """Refuse a folder that holds something, and what is no folder.

    Raises:
        ProjectError: Nothing may be written there.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is not a folder; name one that is empty or does not exist"
        raise ProjectError(msg)
    if folder.is_dir() and any(os.scandir(folder)):
        msg = f"{folder} is not empty; name a folder that is empty or does not exist"
        raise ProjectError(msg)


def write(folder: Path, choices: Choices) -> None:
    """Write the project."""
    for path, text in contents(choices).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
