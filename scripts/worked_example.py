"""The worked example in CONTRIBUTING.md: the files of a made-up provider that the tests run.

The guide quotes them, so that its example is complete and always works.
"""

from __future__ import annotations

from pathlib import Path

from scripts.marked import replaced

ROOT = Path(__file__).parents[1]
PATH = Path("CONTRIBUTING.md")
_EXAMPLE = ROOT / "tests/sixth"
_FILES = (
    "made_up/schemas/made_up_calls.json",
    "made_up/streams.py",
    "made_up/calls.py",
    "made_up/__init__.py",
    "apis/made_up.py",
)
_LANGUAGES = {".json": "json", ".py": "python"}


def text(guide: str) -> str:
    """Return CONTRIBUTING.md with the files as they are now."""
    for name in _FILES:
        guide = replaced(guide, name, _quoted(_EXAMPLE / name))
    return guide


def _quoted(file: Path) -> str:
    # The tests import the package by its own name; a real one is in the package of providers.
    code = file.read_text(encoding="utf-8").replace(
        "from made_up.", "from tap_voicecalls.providers.made_up."
    )
    return f"\n```{_LANGUAGES[file.suffix]}\n{code}```\n\n"
