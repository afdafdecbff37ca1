"""A whole run of dlt's REST source, into a database.

Run it as ``dlt_load.py BASE_URL KEY PAGE_SIZE FOLDER DESTINATION URL``.
"""

from __future__ import annotations

import sys

import dlt
from dlt_rest_source import source_of  # type: ignore[import-not-found] # in the same folder


def main() -> None:
    """Load all calls into the table `loaded.calls`; nested data become JSON, as with the tap."""
    base_url, key, size, folder, destination, url = sys.argv[1:]
    source = source_of(base_url, key, size)
    source.max_table_nesting = 0
    made = getattr(dlt.destinations, destination)(credentials=url)
    pipeline = dlt.pipeline("calls", pipelines_dir=folder, destination=made, dataset_name="loaded")
    pipeline.run(source, write_disposition="merge")


if __name__ == "__main__":
    main()
