"""the page's table of limits says of each bound what the code keeps."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tap_voicecalls

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(tap_voicecalls.__file__).parent
PAGE = (ROOT.parent / "docs/limits.md").read_text(encoding="utf-8")


def plain(value: Any) -> str:  # noqa: ANN401 - a number or a text
    """Write a count with its thousands apart, and a text as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def size(count: int) -> str:
    """Write a number of bytes in its largest whole unit."""
    power = max(power for power in (0, 10, 20, 30) if count % (1 << power) == 0)
    return f"{count >> power:,} {({0: 'B', 10: 'KiB', 20: 'MiB', 30: 'GiB'})[power]}"


def length(time: timedelta) -> str:
    """Write a length of time as the page does."""
    units = {"days": 86_400, "h": 3600, "min": 60, "s": 1, "ms": 0.001}
    seconds = time.total_seconds()
    # A day as hours, where it is added to other times; two minutes and less in seconds.
    unit = next(
        unit
        for unit, of_unit in units.items()
        if seconds >= of_unit and not (unit == "days" and seconds < 3 * of_unit)
    )
    return f"{round(seconds / units[unit])} {unit}"


def seconds(number: float) -> str:
    """Write a number of seconds."""
    return f"{number:.0f} s"


def in_words(template: str, write: Callable[[Any], str] = plain) -> Callable[[Any], str]:
    """Return what writes a value within other words."""
    return lambda value: template.format(write(value))


VONAGE, TELNYX = (f"providers.{name}" for name in ("vonage", "telnyx"))
DETAILS = "streams.details"
# What the page calls it: where the code has it, and how it is written.
LIMITS: dict[str, tuple[str, str, Callable[[Any], str]]] = {
    "a page, uncompressed": ("http.transport.body", "MOST_PAGE_BYTES", size),
    "the body of an error response": ("http.transport.body", "MOST_REFUSAL_BYTES", size),
    "a report's file": ("http.transport.body", "MOST_FILE_BYTES", size),
    "slowest download of a file": (
        "http.transport.body",
        "SLOWEST_DOWNLOAD",
        in_words("{}/s", size),
    ),
    "time of one try of a page": (
        "http.retry",
        "_READ_TIMEOUTS_A_TRY",
        in_words("{} times `read_timeout`"),
    ),
    "pause between two tries": ("http.retry", "RetryPolicy.longest_wait", seconds),
    "redirects of a request": ("http.sender", "_MOST_REDIRECTS", plain),
    "records of a window in memory": (
        "streams.windowed",
        "WindowedStream.rows_in_memory",
        plain,
    ),
    "bytes of a window in memory": ("streams.windowed", "WindowedStream.bytes_in_memory", size),
    "records of a window, by the total of its first page": (
        "streams.windowed",
        "WindowedStream.divided_above",
        plain,
    ),
    "parts of a divided window": ("streams.paging.list_reader", "_MOST_PARTS", plain),
    "shortest window with many records": (
        "streams.windowed",
        "WindowedStream.shortest_window",
        length,
    ),
    "shortest window with missing records": ("common.windows", "_SHORTEST", length),
    "readings of a window with missing records": (
        "streams.paging.list_reader",
        "_MOST_READINGS",
        plain,
    ),
    "further readings of a list that is refused after its first page": (
        "streams.refused_statuses",
        "MOST_REFUSALS",
        plain,
    ),
    "round totals that may be a cap of the server": (
        "streams.paging.list_reader",
        "_ROUND",
        in_words("multiples of {}"),
    ),
    "records of all windows that are read at once": (
        "streams.windowed",
        "WindowedStream.rows_in_flight",
        plain,
    ),
    "records of all windows that are read at once, Vonage": (
        f"{VONAGE}.streams",
        "VonageVoiceReports.rows_in_flight",
        plain,
    ),
    "consecutive empty pages": ("streams.paging.iterate_pages", "_MOST_EMPTY_PAGES", plain),
    "consecutive pages without new records": (
        "streams.paging.list_count",
        "_MOST_FRUITLESS_PAGES",
        plain,
    ),
    "pages of a list with fewer than 10 new records each": (
        "streams.paging.list_count",
        "_MOST_SMALL_PAGES",
        plain,
    ),
    "records of one window": ("streams.paging.list_count", "_MOST_RECORDS", plain),
    "pages requested ahead": ("streams.paging.paginators", "_MOST_AHEAD", plain),
    "largest accepted total or number of pages": (
        "streams.paging.page",
        "_MOST_TOLD",
        lambda value: f"10^{len(str(value)) - 1}",
    ),
    "records outside of their window": (
        "streams.time_filter",
        "_EVIDENCE",
        in_words("{}, and more than half"),
    ),
    "time difference that a time zone can explain": (
        "streams.time_filter",
        "_LONGEST_OFFSET",
        length,
    ),
    "records outside of their window that are remembered": (
        "streams.time_filter",
        "_REMEMBERED",
        plain,
    ),
    "how long a running call holds the bookmark": ("streams.bookmarks", "LONGEST_RUNNING", length),
    "pages searched for calls without a start, from each end": (
        "streams.without_start",
        "FindsCallsWithoutStart.most_pages",
        plain,
    ),
    "digits of a number": ("records.exact", "MOST_DIGITS", plain),
    "size of a number": ("records.exact", "MOST_EXPONENT", in_words("10^±{}")),
    "levels of nesting": ("records.json_repair", "MOST_LEVELS", plain),
    "a count written as text or with an exponent": (
        "records.converters",
        "_LONGEST_INTEGER",
        in_words("{} digits"),
    ),
    "a phone number": ("calls.phone", "_LONGEST", in_words("{} characters")),
    "earliest time": ("common.times", "_FIRST_TIME", plain),
    "digits of a quotient in a stream map": (
        "output.expressions",
        "_QUOTIENTS.prec",
        plain,
    ),
    "oldest calls": (f"{VONAGE}.ranges", "RETENTION_MONTHS", in_words("{} months")),
    "distance from now": (
        f"{VONAGE}.ranges",
        "LATEST",
        lambda value: seconds(value.total_seconds()),
    ),
    "read by report in `auto`": (f"{VONAGE}.ranges", "LONG", in_words("more than {}", length)),
    "reports requested ahead": (
        f"{VONAGE}.reports.downloads",
        "PIECES_AT_ONCE",
        in_words("{} months"),
    ),
    "files of reports on the disk": (
        f"{VONAGE}.reports.downloads",
        "DOWNLOADS_AT_ONCE",
        in_words("{}, and the one being read"),
    ),
    "longest interval between polls of a report": (
        f"{VONAGE}.reports.lifecycle",
        "Reports.pauses.longest",
        seconds,
    ),
    "requests for the same report": (f"{VONAGE}.reports.requests", "_MOST_TRIES", plain),
    "requests for a report without a response": (
        f"{VONAGE}.reports.requests",
        "_MOST_REQUESTS",
        plain,
    ),
    "age of a reused report": (
        f"{VONAGE}.reports.requests",
        "_LISTED_FOR",
        lambda value: f"{value // timedelta(hours=1)} h",
    ),
    "requests about reports per second": (
        f"{VONAGE}.reports.api",
        "ReportApi.requests_per_second",
        plain,
    ),
    "pages of the list of reports": (f"{VONAGE}.reports.api", "_MOST_LIST_PAGES", plain),
    "a report, uncompressed": (f"{VONAGE}.reports.file", "MOST_BYTES", size),
    "directory of a report's ZIP file": (f"{VONAGE}.reports.file", "LONGEST_DIRECTORY", size),
    "line or field of a report": (f"{VONAGE}.reports.table", "LONGEST_LINE", size),
    "rows of a report": (f"{VONAGE}.reports.table", "MOST_ROWS", plain),
    "range read before and after, for sessions over midnight": (
        f"{TELNYX}.sessions",
        "LONGEST_CALL",
        length,
    ),
    "time between the starts of legs of the same call set-up": (
        f"{TELNYX}.sessions",
        "_SET_UP",
        length,
    ),
    "pages of the list of call reports": ("streams.paging.newest_records", "MOST_PAGES", plain),
    "consecutive chunks of the list of call reports without new records": (
        "streams.paging.sorted_list",
        "_MOST_STALE_CHUNKS",
        plain,
    ),
    "repeated readings of a chunk that has moved": (
        "streams.paging.sorted_list",
        "_MOST_ATTEMPTS",
        plain,
    ),
    "consecutive calls with refused details": (
        f"{DETAILS}.refused_details",
        "_MOST_IN_A_ROW",
        plain,
    ),
    "calls after which more than half may not be refused": (
        f"{DETAILS}.refused_details",
        "_ENOUGH",
        plain,
    ),
    "calls whose details need not be requested again": (
        f"{DETAILS}.known_details",
        "_MOST",
        plain,
    ),
    "how long after a call its details may change": (
        f"{DETAILS}.detail_stream",
        "DetailStream.settles_after",
        lambda value: f"{value // timedelta(hours=1)} h",
    ),
    "readings of a conversation that grows": (
        f"{TELNYX}.conversation_details",
        "_MOST_READINGS",
        plain,
    ),
    "records of a conversation": (f"{TELNYX}.conversation_details", "_MOST_RECORDS", plain),
    "recordings that are fetched at the same time": ("recordings.archive", "AT_ONCE", plain),
    "calls in a page of `voicecalls-page`": ("page.cli", "_MOST_CALLS", "{:,}".format),
    "a text in it": ("page.values", "_LONGEST", lambda value: f"{value:,} characters"),
    "redirects of a link": ("http.links", "_MOST_HOPS", plain),
    "tries and time of a recording": (
        "providers.archiving",
        "TRIES_AND_SECONDS",
        lambda value: f"{value[0]} tries, {value[1]:.0f} s without bytes",
    ),
    "consecutive recordings that no server sends": ("recordings.fetching", "MOST_FAILURES", plain),
    "servers of links with open connections": ("http.links", "_MOST_ORIGINS", plain),
    "folders whose content is remembered": ("recordings.folders", "_MOST_FOLDERS", plain),
    "part of a recording's file name": (
        "recordings.place",
        "_LONGEST",
        in_words("{} characters"),
    ),
    "open requests of an account": ("providers.twilio", "Twilio.most_at_once", plain),
    "calls that were created in one millisecond": (
        "providers.vapi.streams",
        "_LARGEST_PAGE",
        lambda value: str(value - 1),
    ),
    "pages searched for Retell's calls without a start, from each end": (
        "providers.retell.call_list",
        "RetellCalls.most_pages",
        plain,
    ),
    "how long after its start a running call of Retell holds the bookmark": (
        "providers.retell.call_list",
        "_LONGEST_CALL",
        length,
    ),
    "how long after a conversation its cost is waited for": (
        "providers.elevenlabs.conversation_details",
        "ElevenLabsConversationDetails.completed_within",
        length,
    ),
    "pages of calls that were never dialed": (
        "providers.twilio.streams",
        "_MOST_PAGES",
        lambda value: f"{value} of each status",
    ),
    "pages of a list": ("streams.full_table", "FullTableStream.most_pages", plain),
    "refused calls that are remembered": (f"{DETAILS}.refused_details", "MOST_REMEMBERED", plain),
    "how long refused details are requested again": (
        f"{DETAILS}.refused_details",
        "RETRIED_FOR",
        length,
    ),
    "details of calls without a start, in a run": (
        f"{DETAILS}.detail_stream",
        "_MOST_WITHOUT_START",
        plain,
    ),
    "round numbers of calls that may be a cap of the server": (
        "providers.ovia.streams",
        "_ROUND",
        in_words("multiples of {}, in two runs"),
    ),
    "a provider's name or value in the log": (
        "common.safe_text",
        "LONGEST",
        in_words("{} characters"),
    ),
    "a provider's title of an error": (
        "common.safe_text",
        "_LONGEST_TITLE",
        in_words("{} characters"),
    ),
    "unmapped words named at the end of a run": ("calls.unmapped", "_MOST_WORDS", plain),
    "refused calls named in the log of a run": (f"{DETAILS}.detail_stream", "_MOST_LINES", plain),
    "output held back until a buffer is full": (
        "output.writer",
        "_FULL",
        in_words("{} or 1 s", size),
    ),
    "time to finish a line when a run is ended": ("output.stdout", "_GRACE", seconds),
}
# Bounds that no user meets.
INNER = {
    ("tap", "_SHORTEST_SIMULATION"),  # of made-up calls
    ("http.transport.connection", "_LONGEST"),  # the system takes no longer time-out
    ("records.exact", "_MOST_PLACES"),  # follows from the bounds of one number
    ("http.transport.connection", "_SHORTEST"),  # a time-out of none is an error of its own
    ("backfill.plan", "_LONGEST_NAME"),  # a shard's id is shortened, and stays unique
    ("output.batch_files", "_MOST_WAITING"),  # windows that wait to be compressed
    ("cli", "_MOST_FRAMES"),  # of a defect, in one line
    ("calls.phone", "_LONGEST_CODE"),  # country codes have three digits
    ("streams.read_ahead", "_MOST_THREADS"),  # as `concurrency`, whose bounds the settings have
    ("common.safe_text", "_MOST_WORDS"),  # what is a word, and what free text
    ("common.times", "_MOST_MILLIS"),  # the year 9999
}


def told() -> dict[str, str]:
    """Return the page's table: what is bounded, and its bound."""
    section = PAGE
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    assert all(len(row) == 4 for row in rows)
    named = [row for row in rows if not row[0].startswith("**")]
    assert all(all(row) for row in named), "each limit has a value, a consequence and a reason"
    found = {name: value for name, value, *_ in named}
    assert len(found) == len(named)
    return found


def test_the_table_has_the_values_of_the_code() -> None:
    """Catches a bound that was changed in the code, and that the page still tells as it was."""
    kept = {
        name: write(reduce(getattr, path.split("."), import_module(f"tap_voicecalls.{module}")))
        for name, (module, path, write) in LIMITS.items()
    }

    assert told() == kept


def test_no_bound_is_missing_from_the_table() -> None:
    """Catches a new bound of the code that no user reads of."""
    pattern = re.compile(r"^(_?(?:MOST|LONGEST|SHORTEST|SLOWEST|LATEST)(?:_\w+)?) = ", re.MULTILINE)
    bounds = set[tuple[str, str]]()
    for file in ROOT.rglob("*.py"):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if not module.startswith("simulator."):
            names = pattern.findall(file.read_text(encoding="utf-8"))
            bounds |= {(module, name) for name in names}

    assert len(bounds) > 30
    assert bounds - INNER <= {(module, path) for module, path, _ in LIMITS.values()}
