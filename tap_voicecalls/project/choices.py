"""What a project is written for: the providers, the loader, and how the tap is installed."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import distribution
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tap_voicecalls.common.program import PACKAGE
from tap_voicecalls.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.providers.base import Provider

_DAYS = 7


@dataclass(frozen=True)
class Loader:
    """A loader that a project may have.

    Attributes:
        name: What `--loader` calls it.
        plugin: Its name in Meltano.
        label: What it loads into.
        address: The settings that say where to, with a value if there is a usual one.
        dbt: The utility that builds dbt's models there; None if there is none.
        dbt_address: Its settings that say where the data is, each by the setting of the loader.
        separated: The settings that keep simulated calls apart, with their values.
    """

    name: str
    plugin: str
    label: str
    address: Mapping[str, str]
    dbt: str | None
    dbt_address: Mapping[str, str]
    separated: Mapping[str, str]

    def variable(self, setting: str) -> str:
        """Return the environment variable of a setting."""
        return f"{self.plugin}_{setting}".upper().replace("-", "_")


LOADERS = {
    loader.name: loader
    for loader in (
        Loader("jsonl", "target-jsonl", "JSON lines", {}, "dbt-duckdb", {}, {}),
        Loader(
            "postgres",
            "target-postgres",
            "PostgreSQL",
            {"host": "localhost", "port": "5432", "user": "", "password": "", "database": ""},
            "dbt-postgres",
            {
                "host": "host",
                "port": "port",
                "user": "user",
                "password": "password",
                "dbname": "database",
            },
            {"default_target_schema": "voicecalls_simulated"},
        ),
        Loader(
            "snowflake",
            "target-snowflake",
            "Snowflake",
            dict.fromkeys(
                ("account", "user", "private_key_path", "role", "warehouse", "database"), ""
            ),
            None,
            {},
            {"default_target_schema": "voicecalls_simulated"},
        ),
    )
}


@dataclass(frozen=True)
class Choices:
    """What was asked for.

    Attributes:
        providers: The providers to read.
        loader: What loads the calls.
        simulated: Whether the project reads made-up calls until it is told otherwise.
        dags: Whether the project gets the Airflow DAG for large backfills.
        start_date: The first day to read calls of.
        pip_url: Where Meltano installs the tap from.
    """

    providers: tuple[type[Provider], ...]
    loader: Loader
    simulated: bool
    dags: bool
    start_date: date
    pip_url: str


def provider_names() -> list[str]:
    """Name all providers."""
    return [provider.name for provider in PROVIDERS]


def named(names: list[str]) -> tuple[type[Provider], ...]:
    """Return the providers of these names, each once, in the order of the registry."""
    return tuple(provider for provider in PROVIDERS if provider.name in names)


def recent() -> date:
    """Return a start that keeps a first run short, and cheap where records are charged for."""
    return date.today() - timedelta(days=_DAYS)  # noqa: DTZ011 - the user's day


def installed_from() -> str:
    """Return what pip is to be told to install this very package once more."""
    package = distribution(PACKAGE)
    origin: dict[str, Any] = json.loads(package.read_text("direct_url.json") or "{}")
    if not origin:
        return f"{PACKAGE}=={package.version}"
    if vcs := origin.get("vcs_info"):
        return f"{vcs['vcs']}+{origin['url']}@{vcs['commit_id']}"
    url = urlsplit(origin["url"])
    place = shlex.quote(unquote(url.path)) if url.scheme == "file" else origin["url"]
    return f"-e {place}" if origin.get("dir_info", {}).get("editable") else place
