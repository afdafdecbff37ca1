"""The targets that are tried: what to install, what to set, how to read what they loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.postgres import USER
from targets import readers
from targets.readers import SCHEMA, SNOWFLAKE_DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from targets.place import Place, Tables

    Settings = dict[str, Any]

_GITHUB = "git+https://github.com"


@dataclass(frozen=True)
class Target:
    """A target.

    Attributes:
        package: Its name and version, as pip takes it.
        settings: Its settings for a place.
        read: Reads what it loaded.
        to_set: What a user must set, beside where it loads to.
        program: Its program.
        title: How the table names it, if another package has the same name.
        flattened: Whether the tap flattens for it.
        beside: Other packages that it needs without saying so.
        environment: Variables it is run with.
        launcher: A Python file to run in place of its program, from the project's folder.
    """

    package: str
    settings: Callable[[Place], Settings]
    read: Callable[[Place], Tables]
    to_set: str = ""
    program: str = ""
    title: str = ""
    flattened: bool = False
    beside: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    launcher: str = ""

    @property
    def name(self) -> str:
        """How the table names it."""
        return self.title or self._parts[0]

    @property
    def version(self) -> str:
        """The version that is installed."""
        return self._parts[1]

    @property
    def executable(self) -> str:
        """The name of its program."""
        return self.program or self._parts[0]

    @property
    def key(self) -> str:
        """What names its environment and its database."""
        return _word(self.name)

    @property
    def installs(self) -> tuple[str, ...]:
        """What its environment is made of."""
        return (self.package, *self.beside)

    @property
    def environment_name(self) -> str:
        """The name of its environment: one for all that install the same."""
        return "".join(
            letter if letter.isalnum() else "-" for letter in f"{self._parts[0]}-{self.version}"
        )

    @property
    def _parts(self) -> tuple[str, str]:
        if "==" in self.package:
            name, _, version = self.package.partition("==")
            return name, version
        name, _, address = self.package.partition(" @ ")
        return name, address.rpartition("@")[2]


def _word(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text.lower())


def _postgres_url(place: Place) -> Settings:
    return {
        "sqlalchemy_url": place.postgres.url(place.name, scheme="postgresql+psycopg"),
        "default_target_schema": SCHEMA,
        "load_method": "upsert",
        "sanitize_null_text_characters": True,
    }


def _pipelinewise_postgres(place: Place) -> Settings:
    return {
        "host": "127.0.0.1",
        "port": place.postgres.port,
        "user": USER,
        "password": "none",
        "dbname": place.name,
        "default_target_schema": SCHEMA,
        "add_metadata_columns": False,
    }


def _singer_postgres(place: Place) -> Settings:
    return {
        "postgres_host": "127.0.0.1",
        "postgres_port": place.postgres.port,
        "postgres_username": USER,
        "postgres_password": "none",
        "postgres_database": place.name,
        "postgres_schema": SCHEMA,
        "disable_collection": True,
        "persist_empty_tables": True,
    }


def _snowflake(place: Place) -> Settings:
    return {
        "account": "stand_in",
        "user": "loader",
        "password": "made up",
        "database": SNOWFLAKE_DATABASE,
        "default_target_schema": place.name,
        "load_method": "upsert",
    }


def _duckdb(place: Place) -> Settings:
    path = place.folder / "calls.duckdb"
    return {"filepath": str(path), "path": str(path), "default_target_schema": SCHEMA}


def _folder(**more: Any) -> Callable[[Place], Settings]:  # noqa: ANN401 - any settings
    """Give settings in which `{}` is the folder of the place."""
    return lambda place: {
        name: value.format(place.folder) if isinstance(value, str) else value
        for name, value in more.items()
    }


_UTC = {"PGTZ": "UTC"}
_FLAT = "the tap's `flattening_enabled: true`, `flattening_max_depth: 5`"
_JSONL = _folder(destination_path="{}", do_timestamp_file=False)
_SQLITE = _folder(database="{}/calls.db", path_to_database="{}/calls.db")

TARGETS = (
    Target(
        "meltanolabs-target-postgres==0.8.1",
        _postgres_url,
        readers.postgres,
        "`load_method: upsert`, `env: {PGTZ: UTC}`, `sanitize_null_text_characters: true`",
        program="target-postgres",
        environment=_UTC,
    ),
    Target(
        "meltanolabs-target-postgres==0.8.1",
        _postgres_url,
        readers.postgres,
        f"as above, and {_FLAT}",
        program="target-postgres",
        title="meltanolabs-target-postgres, flattened",
        flattened=True,
        environment=_UTC,
    ),
    Target(
        "pipelinewise-target-postgres==2.1.2",
        _pipelinewise_postgres,
        readers.postgres,
        "`env: {PGTZ: UTC}`",
        program="target-postgres",
        environment=_UTC,
    ),
    Target(
        "singer-target-postgres==0.2.4",
        _singer_postgres,
        readers.postgres,
        _FLAT,
        program="target-postgres",
        flattened=True,
        environment=_UTC,
    ),
    Target("target-duckdb==0.8.0", _duckdb, readers.duckdb_file),
    Target(
        f"target-duckdb @ {_GITHUB}/jwills/target-duckdb@bbf3c59",
        _duckdb,
        readers.duckdb_file,
        "install it from its repository",
        title="target-duckdb, unreleased",
    ),
    Target("target-sqlite==0.2.0", _SQLITE, readers.sqlite, _FLAT, flattened=True),
    Target(
        f"target-sqlite @ {_GITHUB}/MeltanoLabs/target-sqlite@d4e802e",
        _SQLITE,
        readers.sqlite,
        "install it from its repository",
        title="meltanolabs-target-sqlite",
    ),
    Target(
        "target-parquet==0.2.2",
        _folder(destination_path="{}"),
        readers.parquet,
        _FLAT,
        title="target-parquet (estrategiahq)",
        flattened=True,
    ),
    Target(
        f"target-parquet @ {_GITHUB}/Automattic/target-parquet@v1.1.2",
        _folder(destination_path="{}"),
        readers.parquet,
        "install it from its repository",
        title="target-parquet (Automattic)",
    ),
    Target("target-jsonl==0.1.4", _JSONL, readers.jsonl, "`do_timestamp_file: false`"),
    Target(
        "meltanolabs-target-csv==0.5.0",
        _folder(output_path="{}", validate_records=False),
        readers.csv_files,
        _FLAT,
        program="target-csv",
        flattened=True,
    ),
    Target(
        "target-csv==0.3.0",
        _folder(destination_path="{}"),
        readers.csv_files,
        _FLAT,
        flattened=True,
    ),
    Target(
        "meltanolabs-target-snowflake==0.20.4",
        _snowflake,
        readers.snowflake,
        "`load_method: upsert`",
        program="target-snowflake",
        launcher="tests/warehouses/snowflake/launcher.py",
    ),
)

NOT_RUN = {
    "target-avro 0.2.0, plinxore-target-s3 0.1.7": "not run here: no reader of Avro and no S3 here",
    "target-s3-jsonl 2.0.1": "not run here: no files in its local mode, and there is no S3",
    "pipelinewise-target-s3-csv 2.0.0": "not run here: it needs an S3 bucket",
    "thk-target-mysql 0.1.3": "not run here: it needs a MySQL server",
}
"""What was looked at once, and why it is not tried here."""
