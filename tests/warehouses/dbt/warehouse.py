"""A database with loaded calls, and dbt on it by way of Meltano."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from demo.postgres import USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from meltano_project import Project

    from demo.postgres import Server
    from warehouses.dbt.call_groups import Loaded

TARGET = ".meltano/transformers/dbt/target"
MARTS = "+path:models/marts"
"""Selects all marts, and what they are made of."""

# For another database, dbt would parse all of its project anew.
_NAME = "calls"


@dataclass(frozen=True)
class Warehouse:
    """A database of a server, for a project of Meltano.

    Attributes:
        server: Where it is.
        project: What loads it, and runs dbt.
        name: Its name.
    """

    server: Server
    project: Project
    name: str

    @property
    def url(self) -> str:
        """Where to connect to."""
        return self.server.url(self.name)

    @classmethod
    def made(cls, server: Server, project: Project, like: str = "template1") -> Warehouse:
        """Make a database, empty or as another one is."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"create database {name} template {like}".encode())
        return cls(server, project, name)

    def copy(self) -> Warehouse:
        """Make a database that holds the same."""
        return self.made(self.server, self.project, self.name)

    def run(self, config: Path, *then: str, **settings: str) -> str:
        """Run the tap into the database, and then other plugins, by one command."""
        return self._meltano(
            *("run", "--state-id-suffix=dbt", "tap-voicecalls", "target-postgres", *then),
            TAP_VOICECALLS_CONFIG_FILE=str(config),
            **settings,
        )

    def dbt(self, command: str, *words: str) -> str:
        """Run a command of dbt."""
        return self._meltano("invoke", f"dbt-postgres:{command}", *words)

    def execute(self, *statements: str) -> None:
        """Change what it holds."""
        with psycopg.connect(self.url) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Put rows into a loaded table."""
        names = list(rows[0])
        statement = sql.SQL("insert into voicecalls.{} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(map(sql.Placeholder, names)),
        )
        with psycopg.connect(self.url) as connection:
            connection.cursor().executemany(statement, rows)

    def columns(self, model: str) -> list[str]:
        """Name the columns of a model of dbt."""
        statement = sql.SQL("select * from analytics.{} limit 0").format(sql.Identifier(model))
        with psycopg.connect(self.url) as connection:
            return [column.name for column in connection.execute(statement).description or ()]

    def rows(self, model: str) -> list[dict[str, Any]]:
        """Return what a model of dbt holds."""
        statement = sql.SQL("select * from analytics.{}").format(sql.Identifier(model))
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return connection.execute(statement).fetchall()

    def _meltano(self, *words: str, **settings: str) -> str:
        with self._renamed():
            return self.project.run(
                "--environment=prod",
                *words,
                TARGET_POSTGRES_SQLALCHEMY_URL=self.server.url(_NAME, "postgresql+psycopg2"),
                DBT_POSTGRES_HOST="127.0.0.1",
                DBT_POSTGRES_PORT=str(self.server.port),
                DBT_POSTGRES_USER=USER,
                DBT_POSTGRES_DBNAME=_NAME,
                **settings,
            )

    @contextmanager
    def _renamed(self) -> Iterator[None]:
        """Give the database the name that dbt knows, for a while."""
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(f"alter database {self.name} rename to {_NAME}".encode())
            try:
                yield
            finally:
                connection.execute(f"alter database {_NAME} rename to {self.name}".encode())


@dataclass(frozen=True)
class Built:
    """A database that dbt has built models in.

    Attributes:
        warehouse: The database.
        loaded: What it was loaded with.
        outcomes: How each model and test went, by its name.
        described: The columns of each model that have a description.
        tests: The SQL of each test, by its name; it finds what is wrong.
    """

    warehouse: Warehouse
    loaded: Loaded
    outcomes: dict[str, str]
    described: dict[str, list[str]]
    tests: dict[str, str]

    @classmethod
    def by(cls, warehouse: Warehouse, loaded: Loaded) -> Built:
        """Take down what the last run of dbt did."""
        project = warehouse.project
        how = outcomes(project)
        tests = {
            name: result["compiled_code"].replace(f'"{_NAME}"."', f'"{warehouse.name}"."')
            for name, result in _results(project)
            if how[name] == "pass"
        }
        described = {
            node["name"]: [name for name, told in node["columns"].items() if told["description"]]
            for node in _artifact(project, "manifest")["nodes"].values()
            if node["resource_type"] == "model"
        }
        return cls(warehouse, loaded, how, described, tests)


def outcomes(project: Project) -> dict[str, str]:
    """Return how each model and test of the last run of dbt went, by its name."""
    return {name: result["status"] for name, result in _results(project)}


def _artifact(project: Project, name: str) -> dict[str, Any]:
    """Return what the last run of dbt wrote down."""
    text = (project.folder / TARGET / f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def _results(project: Project) -> list[tuple[str, dict[str, Any]]]:
    nodes = _artifact(project, "manifest")["nodes"]
    results = _artifact(project, "run_results")["results"]
    return [(nodes[result["unique_id"]]["name"], result) for result in results]
