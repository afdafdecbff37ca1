"""Build the wheel, install it in an environment of its own, and run it from another folder.

What it catches is what tests in the source tree cannot: a file that the wheel leaves out, a
dependency that is not declared, an entry point that leads nowhere, a path relative to the clone.
`uv` is to be on PATH.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tap_voicecalls"
PROJECT_FOLDERS = ("hub", "queries", "transform", "orchestrate/dags")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and give what it wrote to stdout; what it says goes on only if it fails."""
    done = subprocess.run(  # noqa: S603 - every command is written below
        command, cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        sys.exit(f"wheel: failed with {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout


def check(problem: str, names: set[str]) -> None:
    """Stop if there is anything that has this problem."""
    if names:
        sys.exit(f"wheel: {problem}: {', '.join(sorted(names))}")


def shipped() -> set[str]:
    """Name the files of the package, as a wheel holds them."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def project_files() -> set[str]:
    """Name the files that `voicecalls-init` writes into projects, as a wheel holds them."""
    return {f"tap_voicecalls/project/files/{name}" for name in of_project(*PROJECT_FOLDERS)}


def of_project(*folders: str) -> set[str]:
    """Name the files of folders of this clone, without what tools left there."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def build(folder: Path) -> Path:
    """Build the wheel, by way of the sdist as a packager would, and check that it is whole."""
    run("uv", "build", "--quiet", "--out-dir", folder, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    check("not in the wheel", (shipped() | project_files()) - names)
    check("not in the wheel", {"LICENSE"} - {Path(name).name for name in names})
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """Install the wheel with its dependencies, and give the folder of its commands."""
    run("uv", "venv", "--quiet", "--python", sys.executable, environment, cwd=environment.parent)
    python = environment / "bin" / "python"
    run("uv", "pip", "install", "--quiet", "--python", python, wheel, cwd=environment.parent)
    return python.parent


def select_all(catalog: dict[str, Any], file: Path) -> tuple[str, Path]:
    """Write a catalog with all streams selected, and give the option that names it."""
    for stream in catalog["streams"]:
        (root,) = (each for each in stream["metadata"] if not each["breadcrumb"])
        root["metadata"]["selected"] = True
    file.write_text(json.dumps(catalog), encoding="utf-8")
    return "--catalog", file


def check_project(command: Path, wheel: Path, project: Path) -> None:
    """Write a project, and check that it has all files and installs this very wheel."""
    run(command, project, "--simulated", "--dags", cwd=project.parent)
    written = {path.relative_to(project).as_posix() for path in project.rglob("*")}
    expected = of_project(*PROJECT_FOLDERS[1:]) | {"meltano.yml", ".env.example"}
    check("not in a project", expected - written)
    if f"pip_url: {wheel}\n" not in (project / "meltano.yml").read_text(encoding="utf-8"):
        sys.exit("wheel: a project does not install the tap from where this one came from")


def main() -> None:
    """Build, install, run, and print one line of what came out."""
    with tempfile.TemporaryDirectory(prefix="tap-voicecalls-wheel-") as name:
        folder = Path(name)
        wheel = build(folder / "dist")
        commands = install(wheel, folder / "environment")
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()

        tap = commands / "tap-voicecalls"
        config = ("--config", ROOT / "sample_config.json")
        version = run(tap, "--version", cwd=elsewhere).strip()
        json.loads(run(tap, "--about", "--format=json", cwd=elsewhere))
        run(commands / "voicecalls-simulator", "--help", cwd=elsewhere)
        run(commands / "voicecalls-plan", *config, "--days", "7", cwd=elsewhere)
        check_project(commands / "voicecalls-init", wheel, elsewhere / "project")

        catalog = json.loads(run(tap, *config, "--discover", cwd=elsewhere))
        selection = select_all(catalog, folder / "catalog.json")
        messages = map(json.loads, run(tap, *config, *selection, cwd=elsewhere).splitlines())
        records = [message for message in messages if message["type"] == "RECORD"]
        rows = Counter(record["stream"] for record in records)
        check("a stream without rows", {s["tap_stream_id"] for s in catalog["streams"]} - set(rows))
        lines = (json.dumps(one["record"]) for one in records if one["stream"] == "calls")
        (elsewhere / "calls.jsonl").write_text("\n".join(lines), encoding="utf-8")
        run(commands / "voicecalls-page", "calls.jsonl", cwd=elsewhere)

    print(f"{version} from {wheel.name}: {rows.total():,} rows in {len(rows)} streams")


if __name__ == "__main__":
    main()
