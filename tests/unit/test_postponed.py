"""Imports that wait until they are needed."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tap_voicecalls.postponed import OF_SDK, postponed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIBRARY = "a_rare_library"
USER = "user_of_a_rare_library"


@pytest.fixture(autouse=True)
def _library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a library that nobody has imported, and a module that imports a function of it."""
    (tmp_path / f"{LIBRARY}.py").write_text("def double(number):\n    return 2 * number\n")
    (tmp_path / f"{USER}.py").write_text(f"from {LIBRARY} import double\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in (LIBRARY, USER):
        sys.modules.pop(name, None)


def test_a_library_is_imported_when_it_is_called() -> None:
    """What the SDK has of a postponed library works, and others import the library as ever."""
    with postponed([LIBRARY]):
        user = importlib.import_module(USER)
    assert LIBRARY not in sys.modules
    assert user.double(21) == 42
    assert importlib.import_module(LIBRARY).double.__module__ == LIBRARY


def test_an_imported_library_is_not_replaced() -> None:
    """A program that has the library, and then starts the tap, keeps its own."""
    library = importlib.import_module(LIBRARY)
    with postponed([LIBRARY]):
        assert importlib.import_module(USER).double is library.double
    assert sys.modules[LIBRARY] is library


def test_the_program_starts_without_them() -> None:
    """A release of the SDK, or a new import of the tap, does not make each start slower again."""
    code = f"""
import sys
import tap_voicecalls.__main__ as program
sys.argv = ["tap-voicecalls", "--version"]
try:
    program.main()
finally:
    print(*{{*{OF_SDK}}} & sys.modules.keys(), file=sys.stderr)
"""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "tap-voicecalls" in done.stdout
    assert not done.stderr.strip()
