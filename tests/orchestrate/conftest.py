"""A program in the place of Meltano, which keeps what it was asked."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from voicecalls_meltano import Meltano

if TYPE_CHECKING:
    from pathlib import Path

# Its states lie in a file; what is asked goes to another, one line a command.
_PROGRAM = """
import json, os, pathlib, sys
words = sys.argv[2:]
asked = {"words": sys.argv[1:], "cwd": os.getcwd(), "part": os.environ.get("PART")}
with open("asked.jsonl", "a") as file:
    file.write(json.dumps(asked) + "\\n")
states = json.loads(pathlib.Path("states.json").read_text())
if words[:2] == ["state", "get"]:
    print(json.dumps(states.get(words[2], {})))
elif words[:2] == ["state", "set"]:
    states[words[3]] = json.loads(pathlib.Path(words[5]).read_text())
    pathlib.Path("states.json").write_text(json.dumps(states))
elif words[0] == "invoke":
    files = sorted(pathlib.Path(words[3]).iterdir())
    print(json.dumps({"merged": {file.stem: json.loads(file.read_text()) for file in files}}))
print("this is said beside", file=sys.stderr)
sys.exit(int(os.environ.get("STATUS", "0")))
"""


@dataclass
class Stand:
    """A program in Meltano's place.

    Attributes:
        meltano: What runs it.
        folder: The project's folder.
    """

    meltano: Meltano
    folder: Path

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What it was asked, in order."""
        text = (self.folder / "asked.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def states(self) -> dict[str, Any]:
        """The states that it keeps."""
        found: dict[str, Any] = json.loads((self.folder / "states.json").read_bytes())
        return found

    @states.setter
    def states(self, states: dict[str, Any]) -> None:
        (self.folder / "states.json").write_text(json.dumps(states), encoding="utf-8")


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """A program in Meltano's place, which keeps no state yet."""
    program = tmp_path / "meltano"
    program.write_text(f"#!{sys.executable}\n{_PROGRAM}", encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "states.json").write_text("{}", encoding="utf-8")
    return Stand(Meltano(str(program), tmp_path, "prod", "target-postgres"), tmp_path)
