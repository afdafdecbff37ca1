"""The limit: only fetch, decode and write each record.

Run it as ``limit.py BASE_URL KEY PAGE_SIZE``.
"""

from __future__ import annotations

import sys

import orjson
import requests


def main() -> None:
    """Write each record as a line."""
    base_url, key, size = sys.argv[1:]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"
    skip, total = 0, 1
    write = sys.stdout.buffer.write
    while skip < total:
        query = f"skip={skip}&limit={size}"
        page = orjson.loads(session.get(f"{base_url}/api/v1/calls/?{query}", timeout=60).content)
        for record in page["items"]:
            write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        skip, total = skip + len(page["items"]), page["total"]


if __name__ == "__main__":
    main()
