"""CONTRIBUTING.md names what is there: packages, and what each contract test requires."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_package_is_in_the_layout() -> None:
    """A newcomer does not find a package that the layout leaves out."""
    tree = GUIDE.split("\n## Layout\n")[1].split("```")[1]
    named = set(re.findall(r"(\w+)/", tree))
    packages = {
        folder.name
        for folder in (ROOT / "tap_voicecalls").glob("*")
        if (folder / "__init__.py").exists()
    }

    assert packages - named == set()


def test_every_contract_test_is_explained() -> None:
    """Without its line, a failing contract test has to be read to learn what it requires."""
    suite = ast.parse((ROOT / "tests/tap/test_contract.py").read_text(encoding="utf-8"))
    of_providers = {
        node.name
        for node in suite.body
        if isinstance(node, ast.FunctionDef) and any(map(_is_parametrized, node.decorator_list))
    }

    assert set(re.findall(r"^\| `(test_\w+)` \|", GUIDE, re.MULTILINE)) == of_providers


def _is_parametrized(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id.startswith("each_")
