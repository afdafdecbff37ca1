"""The Meltano project of the trial, set up as a user would, with settings in .env."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import psycopg
from meltano_project import MELTANO, ROOT, Project

from trial.world import END, START

if TYPE_CHECKING:
    from pathlib import Path

    from demo.postgres import Server

_SECONDS = 4 * 3600


class Backfill:
    """A project that loads Burki accounts into PostgreSQL.

    Args:
        folder: Where to create it.
        server: The PostgreSQL, also for Meltano's states and Airflow's metadata.
        accounts: The tap's settings of each account.
        batch: The batch size of the loader, in rows.

    Attributes:
        folder: The project folder.
        plan_file: The path of its plan.
    """

    def __init__(
        self, folder: Path, server: Server, accounts: list[dict[str, Any]], batch: int
    ) -> None:
        self._server, self.folder = server, folder
        self._project = Project(folder)
        self._project.patience = _SECONDS
        self.plan_file = folder / "plan.json"
        shutil.copytree(ROOT / "orchestrate/dags", self.dags)
        config = {"start_date": START.isoformat(), "burki": {"accounts": accounts}}
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        for database in ("airflow", "meltano", "warehouse", "one_process"):
            self._make(database)
        (folder / ".env").write_text(
            f"TAP_VOICECALLS_CONFIG_FILE={folder / 'config.json'}\n"
            f"TARGET_POSTGRES_SQLALCHEMY_URL={self._url('warehouse')}\n"
            f"TARGET_POSTGRES_BATCH_SIZE_ROWS={batch}\n"
            f"MELTANO_DATABASE_URI={self._url('meltano')}\n",
            encoding="utf-8",
        )
        self._project.run("install", "extractor", "tap-voicecalls")
        self._project.run("install", "loader", "target-postgres")

    @property
    def dags(self) -> Path:
        """The folder of its DAGs, a copy of `orchestrate/dags`."""
        return self.folder / "orchestrate/dags"

    @property
    def warehouse(self) -> str:
        """The URL of the warehouse."""
        return self._server.url("warehouse")

    @property
    def metadata(self) -> str:
        """The URL of Airflow's database."""
        return self._server.url("airflow", scheme="postgresql+psycopg2")

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables for Airflow's processes."""
        return {
            "VOICECALLS_PLAN": str(self.plan_file),
            "VOICECALLS_MELTANO": str(MELTANO),
        }

    def plan(self, shards: int, at_once: int) -> dict[str, Any]:
        """Make a plan of all calls."""
        words = ["invoke", "tap-voicecalls:plan", "--shards", str(shards)]
        text = self._run(*words, "--at-once", str(at_once), TAP_VOICECALLS_END_DATE=END.isoformat())
        self.plan_file.write_text(text, encoding="utf-8")
        plan: dict[str, Any] = json.loads(text)
        return plan

    def in_one_process(self) -> None:
        """Load all calls in one process, into a separate database."""
        url = {"TARGET_POSTGRES_SQLALCHEMY_URL": self._url("one_process")}
        words = ["el", "tap-voicecalls", "target-postgres", "--state-id", "one-process"]
        self._run(*words, TAP_VOICECALLS_END_DATE=END.isoformat(), **url)

    def scheduled(self) -> None:
        """Run the scheduled pipeline."""
        self._run("run", "tap-voicecalls", "target-postgres")

    def _run(self, *words: str, **variables: str) -> str:
        return self._project.output("--environment=prod", *words, **variables)

    def _make(self, database: str) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(f"create database {database}".encode())

    def _url(self, database: str) -> str:
        return self._server.url(database, scheme="postgresql+psycopg")
