"""What meltano.yml plans is what runs, and its loader takes the settings that it declares."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import yaml
from meltano_project import ROOT
from support import simulator

if TYPE_CHECKING:
    from pathlib import Path

    from meltano_project import Project

    from demo.postgres import Server

# What the environment `dev` is bounded by, and a simulated history that goes beyond it.
DEV = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
HISTORY = (datetime(2026, 1, 3, tzinfo=UTC), datetime(2026, 1, 14, tzinfo=UTC))


def test_the_schedule_loads_a_week_of_dev(
    project: Project, server: Server, database: str, tmp_path: Path
) -> None:
    """Catches a schedule without its job, a job without its plugins, and a trial without bounds."""
    start, end = HISTORY
    with simulator(start=start, end=end) as served:
        config = {"burki": served.configuration()["burki"]}
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        project.run(
            *("--environment=dev", "schedule", "run", "daily"),
            TAP_VOICECALLS_CONFIG_FILE=str(tmp_path / "config.json"),
            TARGET_POSTGRES_SQLALCHEMY_URL=server.url(database, scheme="postgresql+psycopg"),
        )
        starts = [
            datetime.fromisoformat(str(call["started_at"]))
            for call in served.records("burki_calls")
        ]
    with psycopg.connect(server.url(database)) as connection:
        landed = connection.execute("select count(*) from voicecalls_dev.burki_calls").fetchone()

    first, last = DEV
    assert landed == (sum(first <= start.replace(tzinfo=UTC) < last for start in starts),)


def test_the_loader_knows_its_settings(project: Project) -> None:
    """Catches a setting that the target ignores: what a user sets there would do nothing."""
    printed = project.run("invoke", "target-postgres", "--about", "--format=json")
    about = json.loads(printed[printed.index("\n{") :])  # after Meltano's own lines
    definition = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (loader,) = (
        plugin for plugin in definition["plugins"]["loaders"] if plugin["name"] == "target-postgres"
    )

    assert {s["name"] for s in loader["settings"]} <= about["settings"]["properties"].keys()
