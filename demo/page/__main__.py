"""The command: reads the calls, writes the page, says where it is."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from demo.page.calls import CallsError, load
from demo.page.html import render


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or say in one line why there is none."""
    parser = argparse.ArgumentParser(prog="python -m demo.page", description=__doc__)
    parser.add_argument("calls", type=Path, help="the stream `calls` as JSON lines")
    parser.add_argument("page", type=Path, help="the HTML file to write")
    parser.add_argument("--made-up", action="store_true", help="say that the calls are made up")
    given = parser.parse_args(arguments)
    try:
        database = load(given.calls)
    except CallsError as error:
        print(f"page: {error}", file=sys.stderr)
        return 1
    with database:
        page = render(database, datetime.now(UTC), made_up=given.made_up)
    given.page.write_text(page, encoding="utf-8")
    print(f"The page of the calls is {given.page}: open it in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
