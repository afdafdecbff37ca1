"""The tap and target-postgres in a pipe, without Meltano: for what needs no more than that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from meltano_project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Server

_TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True)
class Pipe:
    """The tap and a target that loads into a database of its own.

    Attributes:
        target: The target's program.
        server: The PostgreSQL.
        database: The database.
        folder: Where files are written.
    """

    target: Path
    server: Server
    database: str
    folder: Path

    @property
    def url(self) -> str:
        """The database, for a look at what landed."""
        return self.server.url(self.database)

    def run(
        self,
        settings: dict[str, Any],
        **own: bool,
    ) -> subprocess.CompletedProcess[bytes]:
        """Let the tap read all, and then the target load it; return how the target ended.

        Args:
            settings: The tap's.
            own: The target's, beside those of meltano.yml.
        """
        wrote = _run([sys.executable, "-m", "tap_voicecalls", self._file("tap", settings)], b"")
        wrote.check_returncode()
        url = {"sqlalchemy_url": self.server.url(self.database, scheme="postgresql+psycopg")}
        theirs = self._file("target", {**_as_in_meltano_yml(), **url, **own})
        return _run([str(self.target), theirs], wrote.stdout)

    def _file(self, name: str, settings: dict[str, Any]) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        return f"--config={path}"


def _run(command: list[str], taken: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - our own programs
        command,
        input=taken,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PGTZ": "UTC"},
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )


def _as_in_meltano_yml() -> dict[str, Any]:
    """Return the values that meltano.yml gives the target's settings."""
    definition = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    [settings] = [
        loader["settings"]
        for loader in definition["plugins"]["loaders"]
        if loader["name"] == "target-postgres"
    ]
    return {setting["name"]: setting["value"] for setting in settings if "value" in setting}
