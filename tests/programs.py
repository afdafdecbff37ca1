"""Programs of the system that some tests need; `make programs` installs them where it may."""

from __future__ import annotations

import os
import shutil

import pytest


def needed(*names: str, hint: str = "make programs") -> str:
    """Return where the first of these programs is; they are names of one and the same.

    Args:
        names: Names to look for, or paths.
        hint: The command that installs it.

    Without it the test is skipped. In CI it fails: there a skipped test would go unnoticed.
    """
    for name in names:
        if path := shutil.which(name):
            return path
    reason = f"needs {' or '.join(names)}; `{hint}` installs it where it may"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
