"""Links of README lead to pages that exist; the generator checks those between pages."""

from __future__ import annotations

import re

from docs.pages import DOCS, README, ROOT, every_page
from scripts.docs_tables import SITE

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = "https://github.com/tap-voicecalls/tap-voicecalls/blob/main/"
_IMAGES = "https://raw.githubusercontent.com/tap-voicecalls/tap-voicecalls/main/"


def test_readme_is_one_page() -> None:
    """A newcomer reads one page, and goes on from there."""
    assert len(README.read_bytes()) <= 10_000


def test_links_of_readme_are_absolute_and_lead_somewhere() -> None:
    """A package index shows README without the files beside it."""
    links = _LINK.findall(README.read_text(encoding="utf-8"))
    assert len(links) > 20
    assert [link for link in links if not link.startswith("https://")] == []
    ours = [link.removeprefix(SITE).strip("/") for link in links if link.startswith(SITE)]
    missing = [
        link
        for link in ours
        if not any((DOCS / name).exists() for name in (f"{link or 'index'}.md", f"{link}/index.md"))
    ]
    assert missing == []


def test_links_into_the_repository_lead_somewhere() -> None:
    """Files move, and a link to the old place is found by readers only."""
    missing = []
    for page in every_page():
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            for base in (_CODE, _IMAGES):
                path = link.removeprefix(base).partition("#")[0]
                if link.startswith(base) and not (ROOT / path).exists():
                    missing.append(f"{page.name}: {link}")
    assert missing == []
