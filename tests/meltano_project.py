"""A Meltano project as a user has it: meltano.yml and transform in a folder of its own."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import IO, Any

import yaml
from programs import needed

ROOT = Path(__file__).parents[1]
MELTANO = ROOT / ".cache/meltano/bin/meltano"


class MeltanoError(AssertionError):
    """A command of Meltano failed; says what it printed."""


def schema() -> dict[str, Any]:
    """Return the JSON schema of a meltano.yml, which comes with Meltano."""
    needed(str(MELTANO), hint="make unit")
    (file,) = MELTANO.parents[1].glob(
        "lib/python3*/site-packages/meltano/schemas/meltano.schema.json"
    )
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


class Folder:
    """A folder that Meltano is run in.

    Args:
        folder: Where it is, or is to be made.

    Attributes:
        patience: How many seconds a command may take.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.patience = folder, 300.0
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command of Meltano. It prints into a file: a full pipe would stop it.

        Args:
            words: The command, without `meltano`.
            settings: Variables of its environment.
        """
        with (self.folder / "started.log").open("w", encoding="utf-8") as printed:
            return self._start(words, settings, output=printed)

    def run(self, *words: str, **settings: str) -> str:
        """Run a command of Meltano to its end and return all that it printed.

        Raises:
            MeltanoError: It failed.
        """
        return self._end(words, self._start(words, settings))

    def output(self, *words: str, **settings: str) -> str:
        """Run a command of Meltano to its end and return its output alone, without its log.

        Raises:
            MeltanoError: It failed.
        """
        return self._end(words, self._start(words, settings, log=subprocess.PIPE))

    def _start(
        self,
        words: tuple[str, ...],
        settings: dict[str, str],
        output: IO[str] | int = subprocess.PIPE,
        log: int = subprocess.STDOUT,
    ) -> subprocess.Popen[str]:
        # uv is Meltano's installer; the one of this environment is pinned.
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(  # noqa: S603
            [needed(str(MELTANO), hint="make unit"), *words],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "NO_COLOR": "1", **settings},
            stdout=output,
            stderr=log,
            text=True,
            start_new_session=True,
        )

    def _end(self, words: tuple[str, ...], process: subprocess.Popen[str]) -> str:
        try:
            printed, log = process.communicate(timeout=self.patience)
        finally:
            if process.poll() is None:  # it took too long: its plugins go with it
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode != 0:
            msg = f"meltano {' '.join(words)}\n{printed}{log or ''}"
            raise MeltanoError(msg)
        return printed


class Project(Folder):
    """A project whose extractor is the tap of this repository, as it is.

    Args:
        folder: Where to make it.
        plugins: A project whose installed plugins it uses. Without one, Meltano installs them.
        overrides: What to change of a plugin's definition, by the plugin's name.
    """

    def __init__(
        self, folder: Path, plugins: Path | None = None, **overrides: dict[str, object]
    ) -> None:
        super().__init__(folder)
        definition = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
        for kind, plugin in ((k, p) for k, all_of in definition["plugins"].items() for p in all_of):
            if plugin["pip_url"] == "-e .":
                plugin["pip_url"] = f"-e {ROOT}"
            plugin.update(overrides.get(plugin["name"].replace("-", "_"), {}))
            if plugins:
                (own := folder / ".meltano" / kind).mkdir(parents=True, exist_ok=True)
                (own / plugin["name"]).symlink_to(plugins / ".meltano" / kind / plugin["name"])
        text = yaml.safe_dump(definition, sort_keys=False)
        (folder / "meltano.yml").write_text(text, encoding="utf-8")
        (folder / "transform").symlink_to(ROOT / "transform")


def install_once(folder: Path) -> Path:
    """Make a project with all plugins installed, unless another process has done so.

    Each takes seconds to install, and as long again to be compiled at its first start.

    Args:
        folder: Where it is, or is to be made: one place for all processes of a test run.
    """
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not (made := folder / "installed").exists():
            Project(made.with_name("project")).run("install")
            made.touch()
    return folder / "project"
