"""Run a load into a PostgreSQL that is started for it, and show what landed.

Usage: python -m demo.into_postgres [--keep] LOG COMMAND...
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from demo.postgres import NoPostgresError, Server, running
from demo.summary import show
from demo.warehouse import SCHEMA, answers, load

if TYPE_CHECKING:
    from types import FrameType

_LINES = 40  # of the log are shown when the load fails


def main(arguments: list[str] | None = None) -> int:
    """Start the server, load, show; and stop the server, whatever happens."""
    parser = argparse.ArgumentParser(prog="python -m demo.into_postgres", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the server until Ctrl-C")
    parser.add_argument("log", type=Path, help="the file for what the command prints")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the load")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with running() as server:
            if not (_load(given.command, server, given.log) and _show(server)):
                return 1
            if given.keep:
                _keep(server)
    except NoPostgresError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: stopped", file=sys.stderr)
        return 130
    return 0


def _load(command: list[str], server: Server, log: Path) -> bool:
    """Run the load, its address in the environment; show the log's end if it fails."""
    url = {"TARGET_POSTGRES_SQLALCHEMY_URL": server.url(scheme="postgresql+psycopg")}
    with log.open("wb") as out:
        ran = subprocess.run(  # noqa: S603 - the Makefile's own command
            command, env={**os.environ, **url}, stdout=out, stderr=out, check=False
        )
    if ran.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES:]
        print(*last, f"demo: failed; all of the log is in {log}", sep="\n", file=sys.stderr)
    return ran.returncode == 0


def _show(server: Server) -> bool:
    """Print the summary and the answers; tell whether there was anything."""
    place = f"PostgreSQL's schema {SCHEMA}"
    if not show(load(server.url()), place):
        return False
    print(*answers(server.url()), sep="\n")
    return True


def _keep(server: Server) -> None:
    """Wait for Ctrl-C, which is how this is meant to end."""
    print(f"The server runs until Ctrl-C: psql {server.url()}", flush=True)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
