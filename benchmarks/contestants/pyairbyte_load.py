"""A run of PyAirbyte with the declarative source, into a DuckDB file.

Run it as ``pyairbyte_load.py CONFIG MANIFEST FILE``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import airbyte


def main() -> None:
    """Load all calls into the table `loaded.calls`."""
    config, manifest, file = map(Path, sys.argv[1:])
    source = airbyte.get_source(
        "source-calls",
        config=json.loads(config.read_text()),
        source_manifest=manifest,
        streams=["calls_in_parts"],
    )
    source.read(cache=airbyte.DuckDBCache(db_path=file, schema_name="loaded"))


if __name__ == "__main__":
    main()
