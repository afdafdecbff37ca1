"""The file: markup, style and script, and the data, which the script alone reads."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ASSETS = files("tap_voicecalls.page") / "assets"
# In the order in which they use each other; the last one starts.
_SCRIPTS = (
    *("format", "dom", "inflate", "calls", "zones", "filters", "figures", "tables", "charts"),
    *("headline", "panels", "call_list", "call_view", "controls", "main"),
)


def document(embedded: Mapping[str, str]) -> Iterator[str]:
    """Yield the pieces of the page.

    Args:
        embedded: Texts that hold no markup, by the names that the script looks for.
    """
    head, middle, end = _text("page.html").split("<!-- split -->")
    yield head.replace("{policy}", policy()).replace("{style}", _style())
    for name, content in embedded.items():
        yield f'<script type="application/octet-stream" id="data-{name}">{content}</script>\n'
    yield middle.replace("{script}", _script())
    yield end


def policy() -> str:
    """Allow our script and style alone, and no request at all; the browser sees to it.

    Text cannot become markup: the browser refuses it where a script would try (Trusted Types).
    """
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(_style())}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


@cache
def _script() -> str:
    """Return all scripts as one, so that they share names with each other and with nobody else."""
    parts = "\n".join(_text(f"js/{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


@cache
def _style() -> str:
    return _text("page.css")


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return _ASSETS.joinpath(name).read_text(encoding="utf-8")
