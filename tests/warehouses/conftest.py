"""What the tests of warehouses share: a PostgreSQL, a Meltano project, a database for each test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from meltano_project import Project

from demo import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@pytest.fixture
def database(server: postgres.Server) -> str:
    """The name of an empty database."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return name


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A Meltano project, into which plugins are installed once."""
    return Project(tmp_path_factory.mktemp("meltano"))
