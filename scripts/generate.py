"""Write the files that are made from what the code declares: `make generate`.

Usage: python -m scripts.generate

They follow the registry of providers, so that a new provider is in all of them: the sample
configuration, the settings in meltano.yml, the definitions of plugins, tables of README and docs,
and the staging models of dbt. The worked example in CONTRIBUTING.md follows the tests. A test fails
if a file is not up to date.
"""

from __future__ import annotations

import json
from pathlib import Path

from scripts import (
    dbt_staging,
    definition,
    docs_tables,
    meltano_settings,
    sample_config,
    worked_example,
)

ROOT = Path(__file__).parents[1]


def files() -> dict[Path, str]:
    """Return the text of each file, by its path in the repository."""
    project = meltano_settings.text((ROOT / meltano_settings.PATH).read_text(encoding="utf-8"))
    package = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    guide = worked_example.text((ROOT / worked_example.PATH).read_text(encoding="utf-8"))
    return {
        sample_config.PATH: sample_config.text(),
        meltano_settings.PATH: project,
        worked_example.PATH: guide,
        **definition.files(project, package),
        **docs_tables.files(),
        **dbt_staging.files(),
        **_schemas(),
    }


def _schemas() -> dict[Path, str]:
    """Return the schemas of the streams, which are written by hand, in one format."""
    found = (ROOT / "tap_voicecalls").glob("**/schemas/*.json")
    return {path.relative_to(ROOT): _formatted(path.read_text(encoding="utf-8")) for path in found}


def _formatted(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them, and remove the staging models of streams that no longer exist."""
    written = files()
    for path in (ROOT / dbt_staging.FOLDER).iterdir():
        if path.relative_to(ROOT) not in written:
            path.unlink()
    for path, text in written.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
