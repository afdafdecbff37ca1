"""The command `voicecalls-init`, as a process."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

INIT = Path(sys.executable).with_name("voicecalls-init")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return subprocess.run(  # noqa: S603
        [INIT, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_says_what_comes_next(tmp_path: Path) -> None:
    """Catches a newcomer who is left with a folder and no command; the path needs quotes."""
    done = run("my calls", "--simulated", "--provider=ovia", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Wrote my calls: ovia (simulated) into JSON lines. Next:\n\n"
        "  cd 'my calls'\n  meltano install\n  meltano run load\n\n"
    )


def test_asks_for_keys_where_they_are_needed(tmp_path: Path) -> None:
    """Catches a first run without keys, whose error a newcomer would have to read."""
    done = run("calls", "--provider=ovia", "--loader=postgres", cwd=tmp_path)

    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("  ")] == [
        "cd calls && cp .env.example .env    # then fill in the database and the keys",
        "meltano invoke tap-voicecalls --test",
        "meltano run load",
    ]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Catches a command that writes into somebody's project, or a trace of one that failed."""
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls/meltano.yml").write_text("mine", encoding="utf-8")
    (tmp_path / "file").touch()

    for name, reason in (("calls", "is not empty"), ("file", "is not a folder")):
        done = run(name, "--simulated", cwd=tmp_path)
        line = f"{name} {reason}; name "
        assert done.returncode == 1
        assert line in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "calls/meltano.yml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["calls"], "name the providers to read with --provider, or use --simulated"),
        ([], "name the folder of the project"),
        (["calls", "--provider=burky"], "invalid choice: 'burky'"),
        (["calls", "--simulated", "--start-date=today"], "'today' is not a date"),
    ],
)
def test_asks_nothing_without_a_terminal(arguments: list[str], reason: str, tmp_path: Path) -> None:
    """Catches a job that waits for an answer for ever."""
    done = run(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert reason in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_asks_on_a_terminal(tmp_path: Path) -> None:
    """Catches a dialogue that takes any word for a provider, or forgets an answer."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603
        [INIT, "calls"], cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, b"burky\nburki, ovia\npostgres\n")

    assert process.wait(timeout=120) == 0
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "unknown: burky; type one or more of the names in parentheses" in shown
    project = yaml.safe_load((tmp_path / "calls/meltano.yml").read_text(encoding="utf-8"))
    assert [loader["name"] for loader in project["plugins"]["loaders"]] == ["target-postgres"]
    keys = (tmp_path / "calls/.env.example").read_text(encoding="utf-8")
    assert "\nTAP_VOICECALLS_BURKI_API_KEY=\n" in keys
    assert "VAPI" not in keys


def test_the_shipped_files_are_found(tmp_path: Path) -> None:
    """Catches a folder that is not where the documentation says."""
    root = Path(run("--where", cwd=tmp_path).stdout.strip())

    for name in ("hub/extractors", "hub/loaders", "queries", "transform", "orchestrate/dags"):
        assert (root / name).is_dir()
