"""Answers of providers, scripted for a server that others wrote, and what was asked of it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from support import Output, parsed
from werkzeug import Request, Response

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_httpserver import HTTPServer

Json = Any

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
PATHS = {
    "vonage": "/v2/reports/records",
    "burki": "/api/v1/calls/",
    "telnyx": "/detail_records",
    "ovia": "/api/v1/calls",
}


def text(moment: datetime) -> str:
    """Write a time as most providers do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def serve(
    server: HTTPServer, provider: str, answer: Callable[[dict[str, str]], Json]
) -> list[dict[str, str]]:
    """Let a server answer a provider's list, and return the queries that are sent, as they come."""
    asked: list[dict[str, str]] = []

    def respond(request: Request) -> Response:
        asked.append(query := request.args.to_dict())
        found = answer(query)
        if isinstance(found, Response):
            return found
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        return Response(body, content_type="application/json")

    server.expect_request(PATHS[provider]).respond_with_handler(respond)
    return asked


def config(server: HTTPServer, *providers: str, days: float = 1, **more: Json) -> dict[str, Json]:
    """Return a configuration that reads some days from START on."""
    own: dict[str, Json] = {
        name: {"api_key": "key", "base_url": server.url_for("").rstrip("/")} for name in providers
    }
    if "vonage" in own:
        own["vonage"] |= {"api_secret": "secret", "products": ["VOICE-CALL"], "mode": "sync"}
        own["vonage"]["requests_per_second"] = 1000
    return {
        "start_date": START.isoformat(),
        "end_date": (START + days * timedelta(days=1)).isoformat(),
        "max_tries": 1,
        **own,
        **more,
    }


def call(number: int, at: datetime) -> Json:
    """Make a call as Burki has it."""
    return {"id": number, "status": "completed", "started_at": text(at), "ended_at": text(at)}


def evenly(count: int, days: float = 1) -> list[datetime]:
    """Return starts that are spread evenly over some days."""
    return [START + timedelta(days=days) * number / count for number in range(count)]


def within(query: dict[str, str], starts: Sequence[datetime]) -> list[int]:
    """Return the numbers of the calls that Burki's filter picks: both its ends are taken in."""
    first, last = map(datetime.fromisoformat, (query["date_from"], query["date_to"]))
    return [number for number, start in enumerate(starts) if first <= start <= last]


def burki_page(numbers: Sequence[int], query: dict[str, str], size: int, calls: Json) -> Json:
    """Return a page of calls, of a list that tells its total."""
    skip = int(query["skip"])
    return {"items": [calls[n] for n in numbers[skip : skip + size]], "total": len(numbers)}


def report(number: int, start: datetime) -> Json:
    """Make a record as Vonage has it."""
    shown = start.strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {"id": f"v-{number}", "date_start": shown, "date_end": shown, "duration": "1"}


def vonage_page(
    query: dict[str, str], starts: Sequence[datetime], size: int, *, filters: bool = True
) -> Json:
    """Return a page of an honest server, which goes by a cursor, or of one that never filters."""
    first, last = map(datetime.fromisoformat, (query["date_start"], query["date_end"]))
    numbers = [n for n, start in enumerate(starts) if not filters or first <= start < last]
    skip = int(query.get("cursor", 0))
    page: Json = {
        "request_status": "SUCCESS",
        "records": [report(n, starts[n]) for n in numbers[skip : skip + size]],
    }
    if skip + size < len(numbers):
        page |= {"request_status": "TRUNCATED", "cursor": str(skip + size), "iv": "iv"}
    return page


def run(settings: dict[str, Json], **options: Json) -> tuple[Output, list[str]]:
    """Run a sync to its end, and return what it wrote and what failed."""
    written = io.BytesIO()
    failures: list[str] = []
    with redirect_stdout(io.TextIOWrapper(written, encoding="utf-8", write_through=True)) as out:
        try:
            TapVoiceCalls(config=settings, **options).sync_all()
        except RunError as error:
            failures = error.failures
        out.flush()
    return parsed(written.getvalue()), failures


def partition(output: Output, stream: str) -> dict[str, Json]:
    """Return the last state of a stream's only account; empty if there is none."""
    found = output.of_type("STATE")
    bookmarks = found[-1]["value"].get("bookmarks", {}) if found else {}
    partitions: list[dict[str, Json]] = bookmarks.get(stream, {}).get("partitions", [])
    return partitions[0] if partitions else {}
