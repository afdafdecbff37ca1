"""What the command lines of the package's programs share; the tap's own is the SDK's."""

from __future__ import annotations

import argparse
from importlib.metadata import version

PACKAGE = "tap-voicecalls"
"""The name that the package is installed under."""


def parser_of(
    program: str, description: str, epilog: str, usage: str | None = None
) -> argparse.ArgumentParser:
    """Return a parser that prints the version, and its help as it is written."""
    parser = argparse.ArgumentParser(
        prog=program,
        usage=usage,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{program} {version(PACKAGE)}")
    return parser
