"""The Meltano project of the trial: as a user has it, its keys and addresses in .env."""

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
    """A project that reads accounts of Burki into a PostgreSQL.

    Args:
        folder: Where to make it.
        server: The PostgreSQL, which also keeps Meltano's states and Airflow's metadata.
        accounts: The tap's settings of each account.
        batch: How many rows the loader loads at once.

    Attributes:
        folder: The project's folder.
        plan_file: Where its plan is.
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
        """The folder of its DAGs, a copy of ours."""
        return self.folder / "orchestrate/dags"

    @property
    def warehouse(self) -> str:
        """The URL of the database into which it loads."""
        return self._server.url("warehouse")

    @property
    def metadata(self) -> str:
        """The URL of the database that is Airflow's."""
        return self._server.url("airflow", scheme="postgresql+psycopg2")

    @property
    def variables(self) -> dict[str, str]:
        """What Airflow's processes need to know of it."""
        return {
            "VOICECALLS_PLAN": str(self.plan_file),
            "VOICECALLS_MELTANO": str(MELTANO),
        }

    def plan(self, shards: int, at_once: int) -> dict[str, Any]:
        """Make a plan, which ends at the world's end."""
        words = ["invoke", "tap-voicecalls:plan", "--shards", str(shards)]
        text = self._run(*words, "--at-once", str(at_once), TAP_VOICECALLS_END_DATE=END.isoformat())
        self.plan_file.write_text(text, encoding="utf-8")
        plan: dict[str, Any] = json.loads(text)
        return plan

    def in_one_process(self) -> None:
        """Read all of it in one process, into a database of its own."""
        url = {"TARGET_POSTGRES_SQLALCHEMY_URL": self._url("one_process")}
        words = ["el", "tap-voicecalls", "target-postgres", "--state-id", "one-process"]
        self._run(*words, TAP_VOICECALLS_END_DATE=END.isoformat(), **url)

    def scheduled(self) -> None:
        """Make a scheduled run."""
        self._run("run", "tap-voicecalls", "target-postgres")

    def _run(self, *words: str, **variables: str) -> str:
        return self._project.output("--environment=prod", *words, **variables)

    def _make(self, database: str) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(f"create database {database}".encode())

    def _url(self, database: str) -> str:
        return self._server.url(database, scheme="postgresql+psycopg")
