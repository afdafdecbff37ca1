"""A stand-in for the `meltano` program that records its commands."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from voicecalls_meltano import Meltano

if TYPE_CHECKING:
    from pathlib import Path

# States are in one file; commands are recorded in another, one per line.
_PROGRAM = """
import json, os, pathlib, sys
words = sys.argv[2:]
command = {"words": sys.argv[1:], "cwd": os.getcwd(), "part": os.environ.get("PART")}
with open("commands.jsonl", "a") as file:
    file.write(json.dumps(command) + "\\n")
states = json.loads(pathlib.Path("states.json").read_text())
if words[:2] == ["state", "get"]:
    print(json.dumps(states.get(words[2], {})))
elif words[:2] == ["state", "set"]:
    states[words[3]] = json.loads(pathlib.Path(words[5]).read_text())
    pathlib.Path("states.json").write_text(json.dumps(states))
elif words[0] == "invoke":
    files = sorted(pathlib.Path(words[3]).iterdir())
    print(json.dumps({"merged": {file.stem: json.loads(file.read_text()) for file in files}}))
print("a line of the log", file=sys.stderr)
sys.exit(int(os.environ.get("STATUS", "0")))
"""


@dataclass
class FakeMeltano:
    """The stand-in for Meltano.

    Attributes:
        meltano: The object under test, which runs it.
        folder: The project folder.
    """

    meltano: Meltano
    folder: Path

    @property
    def commands(self) -> list[dict[str, Any]]:
        """The recorded commands, in order."""
        text = (self.folder / "commands.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def states(self) -> dict[str, Any]:
        """The states that are set."""
        states: dict[str, Any] = json.loads((self.folder / "states.json").read_bytes())
        return states

    @states.setter
    def states(self, states: dict[str, Any]) -> None:
        (self.folder / "states.json").write_text(json.dumps(states), encoding="utf-8")


@pytest.fixture
def fake(tmp_path: Path) -> FakeMeltano:
    """A stand-in for Meltano without any state."""
    program = tmp_path / "meltano"
    program.write_text(f"#!{sys.executable}\n{_PROGRAM}", encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "states.json").write_text("{}", encoding="utf-8")
    return FakeMeltano(Meltano(str(program), tmp_path, "prod", "target-postgres"), tmp_path)
