"""The environment that settings are read from: the process's own, and a .env file."""

from __future__ import annotations

import os

from dotenv import dotenv_values, find_dotenv

from tap_voicecalls.settings.json_file import refuse


def read_environment() -> dict[str, str]:
    """Return the process's environment and what a .env file adds to it; empty values are left out.

    The file is in the working directory or the nearest one above it.

    Raises:
        ConfigValidationError: The file cannot be read.
    """
    path = find_dotenv(usecwd=True)
    try:
        from_file = dotenv_values(path, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        refuse(f"{path} cannot be read: {reason}")
    return {name: text for name, text in (from_file | dict(os.environ)).items() if text}
