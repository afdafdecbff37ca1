"""Serves Vonage's pages and reports, with calls that are generated from their numbers.

Run it with ``python -m benchmarks.vonage_server RECORDS DAYS``. It prints its port and ends with
its stdin. The report of all calls is created before that, so that only the tap is measured.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from bisect import bisect_left
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from zipfile import ZIP_DEFLATED, ZipFile

from benchmarks.data import DataSet, total_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = 1000
_CHUNK = 1 << 18
_BASIC = "Basic a2V5OnNlY3JldA=="  # of `key` and `secret`


def record(calls: DataSet, number: int) -> dict[str, str | None]:
    """Return a record of the Reports API: all values are texts, some of them empty."""
    started = calls.started(number).strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {
        "account_id": "key",
        "id": f"c0ffee00-0000-4000-8000-{number:012}",
        "call_id": f"{number * 2654435761 % 2**64:032x}",
        "direction": ("inbound", "outbound")[number % 2],
        "from": f"1202555{number % 100 + 100:04}",
        "forced_from": "" if number % 3 else None,
        "to": f"1415555{number * 7 % 100 + 100:04}",
        "network": "US-FIXED",
        "network_name": "United States Landline" if number % 11 else "",
        "country": "US",
        "country_name": "United States",
        "date_start": started,
        "date_end": started,
        "tier_volume": None,
        "duration": str(number * 131 % 600),
        "status": "ANSWERED",
        "status_code": "200",
        "status_description": 'OK, as "agreed",\nand more' if number % 17 == 0 else "OK",
        "currency": "EUR",
        "price": "0.00834000",
        "total_price": total_cost(number),
    }


class Server(ThreadingHTTPServer):
    """Serves a data set.

    Args:
        calls: The calls.
    """

    daemon_threads = True

    def __init__(self, calls: DataSet) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls = calls
        self._files: dict[str, IO[bytes]] = {}

    def file(self, name: str) -> IO[bytes]:
        """Return the file of a report, at its start, for one reader at a time."""
        if name not in self._files:
            self._files[name] = _report_file(self.calls, _numbers(name))
        self._files[name].seek(0)
        return self._files[name]

    def numbers(self, query: dict[str, Any]) -> range:
        """Return the numbers of the calls of a window."""
        every = range(1, self.calls.records + 1)
        first, last = (
            bisect_left(every, datetime.fromisoformat(query[name]), key=self.calls.started)
            for name in ("date_start", "date_end")
        )
        return every[first:last]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        match address.path.strip("/").split("/"):
            case ["v2", "reports", "records"]:
                self._send(self._page(query))
            case ["v2", "reports"]:
                self._send({"items_count": 0, "reports": []})
            case ["v2", "reports", name]:
                self._send(self._report(name, "SUCCESS"))
            case ["v3", "media", name]:
                self._send_file(name)
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        numbers = self.server.numbers(asked)
        self._send(self._report(f"{numbers.start}-{numbers.stop}", "PENDING"))

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        numbers = self.server.numbers(query)
        begun = int(query.get("cursor", "0"))
        page = numbers[begun : begun + _PAGE]
        answer = {
            "request_status": "SUCCESS",
            "product": query["product"],
            "items_count": len(page),
            "records": [record(self.server.calls, number) for number in page],
        }
        if begun + _PAGE < len(numbers):
            answer |= {"request_status": "TRUNCATED", "cursor": str(begun + _PAGE), "iv": "0"}
        return answer

    def _report(self, name: str, status: str) -> dict[str, Any]:
        host = self.headers["Host"]
        link = {"download_report": {"href": f"http://{host}/v3/media/{name}"}}
        fields = {"items_count": len(_numbers(name)), "_links": link}
        return {
            "request_id": name,
            "request_status": status,
            **(fields if status[0] == "S" else {}),
        }

    def _send(self, answer: object) -> None:
        body = json.dumps(answer).encode()
        if self._begin(len(body)):
            self.wfile.write(body)

    def _send_file(self, name: str) -> None:
        file = self.server.file(name)
        if self._begin(os.fstat(file.fileno()).st_size):
            while piece := file.read(_CHUNK):
                self.wfile.write(piece)

    def _begin(self, length: int) -> bool:
        knows_the_key = self.headers["Authorization"] == _BASIC
        self.send_response(200 if knows_the_key else 401)
        self.send_header("Content-Length", str(length if knows_the_key else 0))
        self.end_headers()
        return knows_the_key

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _numbers(name: str) -> range:
    first, end = name.split("-")
    return range(int(first), int(end))


def _report_file(calls: DataSet, numbers: range) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115 - open until the server ends
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, archive.open("report.csv", "w") as member:
        text = io.TextIOWrapper(member, "utf-8", newline="", write_through=False)
        table = csv.DictWriter(text, record(calls, 1))
        table.writeheader()
        table.writerows(_records(calls, numbers))
        text.flush()
        text.detach()
    file.flush()
    return file


def _records(calls: DataSet, numbers: range) -> Iterator[dict[str, str | None]]:
    return (record(calls, number) for number in numbers)


def main() -> None:
    """Serve until stdin ends."""
    records, days = map(int, sys.argv[1:])
    server = Server(DataSet(records, days))
    server.file(f"1-{records + 1}")
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
