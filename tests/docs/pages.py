"""The pages of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def every_page() -> list[Path]:
    """Return all pages, README among them."""
    return [README, *sorted(DOCS.rglob("*.md"))]


def rows(name: str, heading: str | None = None) -> list[list[str]]:
    """Return the cells of all table rows of a page, or below a heading, without the heads."""
    text = page(name)
    if heading:
        text = re.split(r"\n#+ ", text.split(f"\n{heading}\n")[1])[0]
    lines = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
