"""Tests that need a program of the system say so, and are never skipped in CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from programs import needed

if TYPE_CHECKING:
    from pathlib import Path

REASON = "needs postgres; `make programs` installs it where it may"


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_program_is_found_by_any_of_its_names(path: Path) -> None:
    """Catches tests that are skipped although the program is there under its other name."""
    program = path / "chromium-browser"
    program.touch(mode=0o700)

    assert needed("chromium", "chromium-browser") == str(program)


def test_without_the_program_a_test_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a developer's machine without a browser on which nothing is green."""
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=REASON):
        needed("postgres")


def test_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a CI that is green because it lacks what its tests need."""
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match=REASON):
        needed("postgres")
