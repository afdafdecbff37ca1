"""State kept where several machines reach it: one goes on where another ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from meltano_project import Project
from support import END, START, configuration, simulator

if TYPE_CHECKING:
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator

Settings = dict[str, str]

MIDDLE = START + timedelta(days=2)
LOOKBACK = timedelta(hours=6)


@pytest.fixture(scope="module")
def machines(plugins: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Project]:
    """Two machines that share nothing but the programs."""
    return [Project(tmp_path_factory.mktemp(name), plugins) for name in ("first", "second")]


@pytest.fixture
def in_a_folder(tmp_path: Path) -> Settings:
    """Settings for a folder that both machines reach."""
    return {"MELTANO_STATE_BACKEND_URI": f"file://{tmp_path}/states"}


@pytest.fixture
def in_postgres(request: pytest.FixtureRequest) -> Settings:
    """Settings for PostgreSQL as Meltano's system database."""
    name = request.getfixturevalue("database")
    url = request.getfixturevalue("server").url(name, scheme="postgresql+psycopg")
    return {"MELTANO_DATABASE_URI": url}


@pytest.mark.parametrize("kept", ["in_a_folder", "in_postgres"])
def test_another_machine_goes_on(
    kept: str, machines: list[Project], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Catches a state that stays on its machine: the next would read, and pay for, all again."""
    settings: Settings = request.getfixturevalue(kept)
    first, second = machines
    with simulator() as served:
        early = load(first, served, MIDDLE, tmp_path / "first", settings)
        asked = len(served.requests)
        late = load(second, served, END, tmp_path / "second", settings)
        queries = [dict(sent.query) for sent in served.requests[asked:]]
        since = [moment(query["date_from"]) for query in queries if "date_from" in query]
        starts = {
            str(call["id"]): moment(str(call["started_at"]))
            for call in served.records("burki_calls")
        }

    assert min(since) == MIDDLE - LOOKBACK
    assert early == sorted(call for call, start in starts.items() if start < MIDDLE)
    assert late == sorted(call for call, start in starts.items() if start >= MIDDLE - LOOKBACK)


def load(
    machine: Project, served: Simulator, until: datetime, folder: Path, settings: Settings
) -> list[str]:
    """Run the job on a machine without any state of its own; return the ids that it loaded."""
    folder.mkdir()
    hours = LOOKBACK / timedelta(hours=1)
    config = configuration(served, "burki", end_date=until.isoformat(), lookback_hours=hours)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    own = {
        "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
        "TAP_VOICECALLS_CONFIG_FILE": str(folder / "config.json"),
        "TARGET_JSONL_DESTINATION_PATH": str(folder),
    }
    machine.run("--environment=prod", "run", "demo", **own | settings)
    lines = (folder / "burki_calls.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted(str(json.loads(line)["id"]) for line in lines)


def moment(text: str) -> datetime:
    """Read a time, which is UTC unless it says otherwise."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
