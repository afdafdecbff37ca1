"""The targets that are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.postgres import USER
from targets import readers
from targets.readers import SCHEMA, SNOWFLAKE_DATABASE
from targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.place import Place

    Settings = dict[str, Any]

_GITHUB = "git+https://github.com"


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
        "`psycopg2-binary` in place of `psycopg2`, which is built from source; `setuptools<81` "
        f"beside it; a schema that exists; {_FLAT}",
        program="target-postgres",
        flattened=True,
        beside=("setuptools<81",),  # it imports pkg_resources
        overrides=("psycopg2; python_version < '3'", "psycopg2-binary==2.9.11"),
        environment=_UTC,
    ),
    Target("target-duckdb==0.8.0", _duckdb, readers.duckdb_file),
    Target(
        f"target-duckdb @ {_GITHUB}/jwills/target-duckdb@bbf3c59",
        _duckdb,
        readers.duckdb_file,
        "install it from its repository",
        title="target-duckdb 0.8.1, unreleased",
    ),
    Target(
        "target-sqlite==0.2.0",
        _SQLITE,
        readers.sqlite,
        _FLAT,
        flattened=True,
        overrides=("sqlalchemy==1.3.24",),  # 1.2 cannot be imported on Python 3.10 or later
    ),
    Target(
        f"target-sqlite @ {_GITHUB}/MeltanoLabs/target-sqlite@d4e802e",
        _SQLITE,
        readers.sqlite,
        "install it from its repository",
        title="meltanolabs-target-sqlite 0.7.0",
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
        _folder(destination_path="{}", max_flatten_level=0),
        readers.parquet,
        "install it from its repository; `max_flatten_level: 0` keeps objects whole, as JSON text",
        title="target-parquet (Automattic)",
    ),
    Target("target-jsonl==0.1.4", _JSONL, readers.jsonl, "`do_timestamp_file: false`"),
    Target(
        "target-s3-jsonl==2.0.1",
        _folder(local=True, work_dir="{}", s3_bucket="none", path_template="{{stream}}.jsonl"),
        readers.jsonl,
        "tried with `local: true` and `path_template: {stream}.jsonl`; a name with the time has a "
        "file for each run",
    ),
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
        f"`setuptools<81` beside it; {_FLAT}",
        flattened=True,
        beside=("setuptools<81",),  # it imports pkg_resources
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
    "pipelinewise-target-s3-csv 2.0.0": "not run here: it needs an S3 bucket",
    "thk-target-mysql 0.1.3": "not run here: it needs a MySQL server",
}
"""What was looked at once, and why it is not tried here."""
