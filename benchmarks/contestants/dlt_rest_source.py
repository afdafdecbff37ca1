"""The extract step of dlt's REST source: fetch, decode, write compressed files for the next step.

Run it as ``dlt_rest_source.py BASE_URL KEY PAGE_SIZE FOLDER``.
"""

from __future__ import annotations

import sys
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source


def source_of(base_url: str, key: str, size: str) -> Any:  # noqa: ANN401 - dlt is not here
    """Return the source of all calls."""
    return rest_api_source(
        {
            "client": {
                "base_url": base_url,
                "auth": {"type": "bearer", "token": key},
                "paginator": {
                    "type": "offset",
                    "limit": int(size),
                    "offset_param": "skip",
                    "limit_param": "limit",
                    "total_path": "total",
                },
            },
            "resources": [
                {
                    "name": "calls",
                    "primary_key": "id",
                    "endpoint": {"path": "api/v1/calls/", "data_selector": "items"},
                }
            ],
        }
    )


def main() -> None:
    """Extract all calls into the folder."""
    base_url, key, size, folder = sys.argv[1:]
    source = source_of(base_url, key, size)
    dlt.pipeline("calls", pipelines_dir=folder, destination="dummy").extract(source)


if __name__ == "__main__":
    main()
