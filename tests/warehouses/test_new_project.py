"""From an empty folder to rows in a database, by the commands that `voicecalls-init` prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from meltano_project import Folder
from support import run_tap

from demo.postgres import USER

if TYPE_CHECKING:
    from demo.postgres import Server

INIT = Path(sys.executable).with_name("voicecalls-init")
COMMANDS = [
    "cd calls && cp .env.example .env    # then fill in the database",
    "meltano install",
    "meltano run load",
]
SIMULATED = {"simulate": True, "start_date": "2026-01-05", "end_date": "2026-01-12"}
KEYS = {
    "burki": {"api_key": "x"},
    "twilio": {"account_sid": "x", "auth_token": "x"},
}


def test_an_empty_folder_becomes_rows(server: Server, database: str, tmp_path: Path) -> None:
    """Catches a project that does not install, load or build as it was written."""
    options = (*(f"--provider={name}" for name in KEYS), "--simulated", "--loader=postgres")
    printed = subprocess.run(  # noqa: S603
        [INIT, "calls", *options], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert [line.strip() for line in printed.splitlines() if line.startswith("  ")] == COMMANDS
    subprocess.run(COMMANDS[0], shell=True, cwd=tmp_path, check=True)  # noqa: S602
    project = Folder(tmp_path / "calls")
    filled_in = {"HOST": "127.0.0.1", "PORT": str(server.port), "USER": USER, "DATABASE": database}
    fill_in(project.folder / ".env", {f"TARGET_POSTGRES_{k}": v for k, v in filled_in.items()})

    for command in COMMANDS[1:]:
        project.run(*command.split()[1:])
    project.run("invoke", "dbt-postgres", "run", "--select", "+calls_daily")

    read = run_tap({**SIMULATED, **KEYS}).records("calls")
    with psycopg.connect(server.url(database)) as connection:
        loaded = connection.execute("select count(*) from voicecalls_simulated.calls").fetchone()
        built = connection.execute("select sum(calls) from analytics_simulated.calls_daily")
        counted = built.fetchone()
    assert {call["provider"] for call in read} == set(KEYS)
    assert loaded == counted == (len(read),)


def fill_in(file: Path, values: dict[str, str]) -> None:
    """Give variables of a file their values, as a user does in an editor."""
    text = file.read_text(encoding="utf-8")
    for name, value in values.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"{name}=")]
        text = text.replace(line, f"{name}={value}")
    file.write_text(text, encoding="utf-8")
