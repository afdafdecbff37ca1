"""What `make demo-postgres` does around the load."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from demo import warehouse
from demo.into_postgres import main
from demo.queries import queries
from demo.summary import show
from warehouses.expected_calls import calls

if TYPE_CHECKING:
    from tap_voicecalls.simulator import Simulator
    from warehouses.moving import Loaded

ROOT = Path(__file__).parents[2]
_PATIENCE = 600


# They start servers of their own, where this one starts.
pytestmark = pytest.mark.usefixtures("server")


def test_a_load_that_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Catches a demo that looks fine although the load failed, or does not say where its log is."""
    log = tmp_path / "log"

    assert main([str(log), "sh", "-c", "echo told; echo why >&2; exit 3"]) == 1

    said = f"told\nwhy\ndemo: failed; all of the log is in {log}\n"
    assert capfd.readouterr().err == said


def test_a_load_of_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Catches a demo that shows an empty summary as if that were all there is."""
    assert main([str(tmp_path / "log"), "true"]) == 1

    assert "nothing landed in PostgreSQL's schema voicecalls for: vonage" in capfd.readouterr().err


def test_a_load_that_is_stopped(tmp_path: Path) -> None:
    """Catches a server that stays behind when somebody ends the demo."""
    log = tmp_path / "log"
    command = [sys.executable, "-m", "demo.into_postgres", str(log)]
    show = 'echo "$TARGET_POSTGRES_SQLALCHEMY_URL"; exec sleep 600'
    demo = subprocess.Popen([*command, "sh", "-c", show], cwd=ROOT, stderr=subprocess.PIPE)  # noqa: S603
    while demo.poll() is None and not (log.exists() and log.read_text(encoding="utf-8")):
        time.sleep(0.05)
    url = log.read_text(encoding="utf-8").strip().replace("+psycopg", "")
    demo.send_signal(signal.SIGTERM)
    _, said = demo.communicate(timeout=_PATIENCE)

    assert demo.returncode == 130
    assert said == b"demo: stopped\n"
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)


def test_summary(anew: Loaded, moving: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Catches a demo that counts, dates or adds up otherwise than the providers tell."""
    assert show(warehouse.load(anew.url), "")
    cells = [line.split() for line in capsys.readouterr().out.splitlines()]
    voicy = [call for call in calls(moving) if call["provider"] == "voicy"]
    starts = sorted(call["started_at"] for call in voicy)
    cost = sum(call["cost"] or 0 for call in voicy)
    minutes = sum(call["duration_seconds"] or 0 for call in voicy) / 60

    times = [start.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for start in (starts[0], starts[-1])]
    assert ["voicy_calls", str(len(voicy)), *times] in cells
    assert ["voicy", str(len(voicy)), f"{minutes:,.1f}", f"{cost:,f}", "EUR"] in cells


def test_answers(anew: Loaded) -> None:
    """Catches a demo that leaves a query out, or shows more of an answer than one can read."""
    answers = list(warehouse.answers(anew.url))

    assert [answer.splitlines()[0] for answer in answers] == [each.question for each in queries()]
    assert max(len(answer.splitlines()) for answer in answers) == 2 + 1 + 10 + 1
    assert any(re.search(r"\n\.\.\. and \d+ more\n", answer) for answer in answers)
