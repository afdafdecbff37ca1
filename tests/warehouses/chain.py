"""The chain as it runs in production: Meltano, the tap, target-postgres, a database."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from warehouses.landed import SCHEMA, Tables, tables

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from meltano_project import Project

    from demo.postgres import Server

_PATIENCE = 600


@dataclass(frozen=True)
class Chain:
    """A Meltano project that loads into a database of its own.

    Attributes:
        project: The project.
        server: The PostgreSQL.
        database: The database; the chain's state has its name, too.
        settings: The tap's configuration file.
    """

    project: Project
    server: Server
    database: str
    settings: Path

    def configure(self, settings: dict[str, Any]) -> None:
        """Write the tap's settings."""
        self.settings.write_text(json.dumps(settings), encoding="utf-8")

    def run(self, *options: str) -> str:
        """Run to the end and return the log."""
        return self.project.run(*self._command(options), **self._environment())

    def start(self, *options: str, **settings: str) -> subprocess.Popen[str]:
        """Start a run."""
        return self.project.start(*self._command(options), **self._environment(), **settings)

    def tables(self) -> Tables:
        """Read what has landed."""
        return tables(self.server.url(self.database))

    def now(self) -> datetime:
        """Tell the server's time, UTC."""
        with psycopg.connect(self.server.url(self.database)) as connection:
            [[moment]] = connection.execute("select now() at time zone 'UTC'").fetchall()
            assert isinstance(moment, datetime)
            return moment

    def count(self, stream: str, since: datetime = datetime.min) -> int:  # noqa: DTZ901 - as stored
        """Count a stream's rows, or those loaded since a time; none without a table."""
        query = sql.SQL("select count(*) from {} where _sdc_received_at >= %s")
        table = sql.Identifier(SCHEMA, stream)
        with psycopg.connect(self.server.url(self.database)) as connection:
            try:
                [[count]] = connection.execute(query.format(table), [since]).fetchall()
            except psycopg.errors.UndefinedTable:
                return 0
            return int(count)

    def _command(self, options: tuple[str, ...]) -> list[str]:
        words = ["--environment=prod", "run", f"--state-id-suffix={self.database}", *options]
        return [*words, "tap-voicecalls", "target-postgres"]

    def _environment(self) -> dict[str, str]:
        return {
            "TAP_VOICECALLS_CONFIG_FILE": str(self.settings),
            "TARGET_POSTGRES_SQLALCHEMY_URL": self.server.url(
                self.database, scheme="postgresql+psycopg"
            ),
        }


def kill(process: subprocess.Popen[str]) -> None:
    """End a run as a power cut does: Meltano, the tap and the target, at once."""
    os.killpg(process.pid, signal.SIGKILL)  # Meltano leaves what it starts in its own group
    process.wait(timeout=_PATIENCE)
