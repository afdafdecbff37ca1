"""An Airflow for the trial: LocalExecutor, metadata in PostgreSQL, other files in a folder."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psutil

from demo.postgres import free_port
from trial.rest import Rest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

_COMMAND_SECONDS = 120
_START_SECONDS = 180.0
_STOP_SECONDS = 20.0
_PARTS = ("scheduler --skip-serve-logs", "dag-processor", "api-server --workers 1")


class EngineError(RuntimeError):
    """Airflow did not work as expected."""


class Engine:
    """A running Airflow, as a context manager.

    Args:
        programs: The folder of Airflow's programs.
        home: The folder for its files.
        dags: The folder of the DAGs.
        database: The URL of its database.
        at_once: The maximum number of concurrent tasks.
        variables: Additional environment variables of its processes.

    Attributes:
        rest: Its REST API.
    """

    def __init__(  # noqa: PLR0913 - keywords only
        self,
        *,
        programs: Path,
        home: Path,
        dags: Path,
        database: str,
        at_once: int,
        variables: Mapping[str, str],
    ) -> None:
        self._program, self._home, port = programs / "airflow", home, free_port()
        url = f"http://127.0.0.1:{port}"
        self.rest = Rest(url)
        settings = {
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": str(at_once),
            "CORE__DAGS_FOLDER": str(dags),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "API__PORT": str(port),
            "API__HOST": "127.0.0.1",
            "API__SECRET_KEY": secrets.token_hex(),
            "API_AUTH__JWT_SECRET": secrets.token_hex(),
            "DATABASE__SQL_ALCHEMY_CONN": database,
        }
        own = {f"AIRFLOW__{name}": value for name, value in settings.items()}
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, "AIRFLOW_HOME": str(home), "PATH": path, **own}
        self._environment |= variables
        self._parts: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self.stop)
            self.command("db", "migrate")
            self._parts += [self._start(*part.split()) for part in _PARTS]
            self._await_start()
            stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        killed = self.stop()
        if killed and not error:
            msg = f"these processes did not end with Airflow: {killed}"
            raise EngineError(msg)

    def command(self, *words: str) -> None:
        """Run an `airflow` command.

        Raises:
            EngineError: The command failed.
        """
        done = subprocess.run(  # noqa: S603 - our own command
            [self._program, *words],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_COMMAND_SECONDS,
        )
        if done.returncode:
            msg = f"airflow {' '.join(words)}\n{done.stdout[-4000:]}"
            raise EngineError(msg)

    def processes(self) -> list[psutil.Process]:
        """Return its processes and all their descendants."""
        parts = [psutil.Process(part.pid) for part in self._parts if part.poll() is None]
        return [process for part in parts for process in (part, *_children(part))]

    def log(self) -> str:
        """Return the ends of the latest log files."""
        files = sorted(self._home.rglob("*.log"), key=lambda file: file.stat().st_mtime)
        texts = (file.read_text(encoding="utf-8", errors="replace")[-3000:] for file in files[-6:])
        return "\n".join(f"== {file}\n{text}" for file, text in zip(files[-6:], texts, strict=True))

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self._home / f"{words[0]}.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                [self._program, *words],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _await_start(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if any(part.poll() is not None for part in self._parts):
                break
            if self.rest.is_ready():
                return
            time.sleep(0.5)
        msg = f"Airflow did not start, or does not have the DAG\n{self.log()}"
        raise EngineError(msg)

    def stop(self) -> list[psutil.Process]:
        """Stop all its processes, and return those that had to be killed."""
        processes = self.processes()
        for part in self._parts:
            part.terminate()
        _, alive = psutil.wait_procs(processes, timeout=_STOP_SECONDS)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=_STOP_SECONDS)
        for part in self._parts:
            part.wait()
        self.rest.close()
        return alive


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
