"""A Meltano project as a user has it: this repository's meltano.yml in a folder of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml
from programs import needed

ROOT = Path(__file__).parents[1]
_MELTANO = ROOT / ".cache/meltano/bin/meltano"
_TIMEOUT_SECONDS = 300.0


class MeltanoError(AssertionError):
    """A command of Meltano failed; says what it printed."""


class Project:
    """A project whose extractor is the tap of this repository, as it is.

    Args:
        folder: Where to make it.
        overrides: What to change of a plugin's definition, by the plugin's name.
    """

    def __init__(self, folder: Path, **overrides: dict[str, object]) -> None:
        self.folder = folder
        definition = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
        for plugin in (p for kind in definition["plugins"].values() for p in kind):
            if plugin["pip_url"] == "-e .":
                plugin["pip_url"] = f"-e {ROOT}"
            plugin.update(overrides.get(plugin["name"].replace("-", "_"), {}))
        folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(definition, sort_keys=False)
        (folder / "meltano.yml").write_text(text, encoding="utf-8")

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command of Meltano.

        Args:
            words: The command, without `meltano`.
            settings: Variables of its environment.
        """
        # uv is Meltano's installer; the one of this environment is pinned.
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(  # noqa: S603
            [needed(str(_MELTANO), hint="make unit"), *words],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "NO_COLOR": "1", **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, **settings: str) -> str:
        """Run a command of Meltano to its end and return what it printed.

        Raises:
            MeltanoError: It failed.
        """
        process = self.start(*words, **settings)
        printed, _ = process.communicate(timeout=_TIMEOUT_SECONDS)
        if process.returncode != 0:
            msg = f"meltano {' '.join(words)}\n{printed}"
            raise MeltanoError(msg)
        return printed
