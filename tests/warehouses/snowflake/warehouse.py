"""Snowflake as a project of Meltano loads into it, and as a test looks into it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from warehouses.snowflake.tables import Table

if TYPE_CHECKING:
    from meltano_project import Project

_DATABASE = "ANALYTICS"
_TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True)
class Warehouse:
    """A stand-in for Snowflake, and the project that loads into it.

    Attributes:
        project: The project.
        port: Where the stand-in listens.
    """

    project: Project
    port: int

    def meltano(self, schema: str, *words: str, **settings: str) -> str:
        """Run a command of Meltano that loads into a schema, and return what it printed.

        Raises:
            MeltanoError: It failed.
        """
        return self.project.run(
            "--environment=prod",
            *words,
            TARGET_SNOWFLAKE_ACCOUNT="stand_in",
            TARGET_SNOWFLAKE_USER="loader",
            TARGET_SNOWFLAKE_PASSWORD="made up",  # noqa: S106 - the stand-in asks for none
            TARGET_SNOWFLAKE_DATABASE=_DATABASE,
            TARGET_SNOWFLAKE_DEFAULT_TARGET_SCHEMA=schema,
            SNOWFLAKE_STAND_IN_PORT=str(self.port),
            # Else the connector looks for the cloud that it runs in.
            SNOWFLAKE_DISABLE_PLATFORM_DETECTION="true",
            TMPDIR=str(self.project.folder),
            **settings,
        )

    def tables(self, schema: str) -> dict[str, Table]:
        """Return the tables of a schema by stream."""
        url = f"http://127.0.0.1:{self.port}/tables/{_DATABASE}/{schema.upper()}"
        with urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:
            told: dict[str, Any] = json.load(answer)
        return {name.lower(): Table(**table) for name, table in told.items()}
