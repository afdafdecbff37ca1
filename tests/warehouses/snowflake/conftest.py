"""What the tests of Snowflake share: a stand-in, and a Meltano project that loads into it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from meltano_project import ROOT, Project
from programs import needed

from warehouses.snowflake.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON = ROOT / ".cache/fakesnow/bin/python"
_LAUNCHER = Path(__file__).with_name("launcher.py")
_SECONDS_TO_END = 300.0


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a stand-in for Snowflake."""
    folder = tmp_path_factory.mktemp("stand-in")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [needed(str(_PYTHON), hint="make unit"), "-m", "warehouses.snowflake.stand_in"],
            cwd=ROOT / "tests",
            env={"TMPDIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    with process:
        assert process.stdin
        assert process.stdout
        port = process.stdout.readline()
        assert port, (folder / "log").read_text(encoding="utf-8")
        yield int(port)
        process.stdin.close()  # it ends with its input
        process.wait(_SECONDS_TO_END)


@pytest.fixture(scope="session")
def warehouse(stand_in: int, plugins: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The stand-in as Meltano's target-snowflake sees it."""
    folder = tmp_path_factory.mktemp("meltano-snowflake")
    project = Project(folder, plugins, target_snowflake={"executable": str(_LAUNCHER)})
    return Warehouse(project, stand_in)
