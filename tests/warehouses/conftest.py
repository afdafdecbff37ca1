"""What the tests of warehouses share: a PostgreSQL, a Meltano project, a database for each test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from meltano_project import Project, install_once

from demo import postgres
from warehouses.chain import Chain
from warehouses.moving import END, Loaded, moving_world, run, settings
from warehouses.pipe import Pipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator

# Neither UTC nor the zone of any call: a load that goes by the session's zone shows.
_ELSEWHERE = "America/New_York"


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL whose sessions are far from UTC."""
    try:
        with postgres.running(time_zone=_ELSEWHERE) as started:
            yield started
    except postgres.NoPostgresError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def empty_database(server: postgres.Server) -> str:
    """Make an empty database and return its name."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return name


@pytest.fixture
def database(server: postgres.Server) -> str:
    """The name of an empty database."""
    return empty_database(server)


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A project with all plugins installed, which the processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return install_once((own if worker_id == "master" else own.parent) / "plugins")


@pytest.fixture(scope="session")
def project(plugins: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A Meltano project of this process."""
    return Project(tmp_path_factory.mktemp("meltano"), plugins)


@pytest.fixture
def chain(project: Project, server: postgres.Server, database: str, tmp_path: Path) -> Chain:
    """The tap and target-postgres in that project, with an empty database."""
    return Chain(project, server, database, tmp_path / "config.json")


@pytest.fixture(scope="session")
def target(project: Project) -> Path:
    """The program target-postgres, as Meltano has installed it."""
    return project.folder / ".meltano/loaders/target-postgres/venv/bin/target-postgres"


@pytest.fixture
def pipe(target: Path, server: postgres.Server, database: str, tmp_path: Path) -> Pipe:
    """The tap and that program in a pipe, with an empty database."""
    return Pipe(target, server, database, tmp_path)


# Runs over one moving world, one after the other, each as a test needs it ----------------------


@pytest.fixture(scope="session")
def moving() -> Iterator[Simulator]:
    """All providers, whose calls end, appear and get their costs as time passes."""
    with moving_world() as served:
        yield served


@pytest.fixture(scope="session")
def first(
    moving: Simulator,
    project: Project,
    server: postgres.Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Loaded:
    """After the first load."""
    file = tmp_path_factory.mktemp("moving") / "config.json"
    chain = Chain(project, server, empty_database(server), file)
    chain.configure(settings(moving))
    return run(chain, moving)


@pytest.fixture(scope="session")
def changed(first: Loaded, moving: Simulator) -> Loaded:
    """After a second run, hours later."""
    moving.now = END
    return run(first.chain, moving)


@pytest.fixture(scope="session")
def again(changed: Loaded, moving: Simulator) -> Loaded:
    """After a third run, before which nothing has changed."""
    return run(changed.chain, moving)


@pytest.fixture(scope="session")
def anew(again: Loaded, moving: Simulator) -> Loaded:
    """After a run with --full-refresh."""
    return run(again.chain, moving, "--full-refresh")
