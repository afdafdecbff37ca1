"""The page in a real Chromium: filters, the way down to a turn, hostile text, phone and dark."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from made_up_page import make_page, streams, write_lines
from playwright.sync_api import Browser, Dialog, Page, sync_playwright
from programs import needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from made_up_calls import Call

PHONE, DESKTOP = 390, 1280
LONG = 60  # seconds after which a test that hangs fails
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",  # it cannot have one as root, and opens nothing but our own file
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROWS = streams()
CALLS = ROWS["calls"]
FAILED = {"failed", "busy", "no_answer", "canceled"}
# Tags, quotes, a script's address, names that every object has, and letters that turn the line.
HOSTILE = '</script><img src=x onerror="alert(1)"><script>alert(2)</script>\u202e'
HOSTILE_WORDS = ("__proto__", "constructor", HOSTILE)


class Opened(NamedTuple):
    """An open page, and what happened in it: requests, messages of the console, errors, dialogs."""

    page: Page
    events: list[str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser with a profile of its own, new and empty."""
    program = needed("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


def page_of(folder: Path, rows: dict[str, list[Call]], *options: str) -> str:
    """Make a page, and return where it is."""
    write_lines(folder, rows)
    assert make_page(folder, folder / "page.html", *options).stderr == ""
    return (folder / "page.html").as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page of the made-up calls is."""
    return page_of(tmp_path_factory.mktemp("page"), ROWS, "--time-zone=UTC", "--made-up")


def wait_until(page: Page, expression: str) -> None:
    """Wait until a script is true; Playwright's own wait is what the page's policy forbids."""
    deadline = time.monotonic() + LONG
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


@contextmanager
def opened(
    browser: Browser, address: str, width: int = DESKTOP, scheme: str = "light"
) -> Iterator[Opened]:
    """Open the page in a window of this width, and wait until all of it is there."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, timezone_id="America/New_York"
    )
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    events: list[str] = []
    page.on("request", lambda request: events.append(f"request {request.url}"))
    page.on("console", lambda message: events.append(f"{message.type} {message.text}"))
    page.on("pageerror", lambda error: events.append(f"error {error}"))

    def dismissed(dialog: Dialog) -> None:
        events.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismissed)
    page.goto(address)
    wait_until(page, "document.body.dataset.state === 'ready'")
    yield Opened(page, events)
    context.close()


@pytest.fixture(scope="module")
def window(browser: Browser, address: str) -> Iterator[Page]:
    """The page on a desktop, opened once."""
    with opened(browser, address) as found:
        yield found.page
    assert found.events == [f"request {address}"]


@pytest.fixture
def page(window: Page) -> Page:
    """The page without any filter."""
    window.get_by_role("button", name="Reset").click()
    window.get_by_role("searchbox").fill("")
    return window


def choose(page: Page, name: str, label: str) -> None:
    """Choose an option of a filter."""
    page.locator(f"select[name={name}]").select_option(label=label)


def figure(page: Page, name: str) -> str:
    """Return what a card at the top shows."""
    return page.locator(f'[data-figure="{name}"] .value').inner_text()


def outcome(call: Call) -> bool | None:
    """Return whether a call succeeded, if anybody says so."""
    if call["successful"] is not None:
        return bool(call["successful"])
    return {"completed": True, **dict.fromkeys(FAILED, False)}.get(call["status"])


def percent(calls: list[Call]) -> str:
    """Return the share of success, as the page writes it."""
    told = [found for call in calls if (found := outcome(call)) is not None]
    return f"{100 * sum(told) / len(told):.1f} %" if told else "\N{EN DASH}"


def responses(calls: list[Call]) -> list[float]:
    """Return each answer's time, measured turn by turn, else the mean of a call; sorted."""
    found: list[float] = []
    for call in calls:
        turns = [
            float(turn["response_seconds"])
            for turn in ROWS["call_turns"]
            if turn["call_id"] == call["call_id"]
            and turn["response_seconds"] is not None
            and turn["turn"] < call["turns"]
        ]
        mean = call["response_seconds"]
        found += turns or ([] if mean is None else [float(mean)])
    return sorted(found)


def day_of(call: Call, zone: str = "UTC") -> str | None:
    """Return the day on which a call started."""
    start = call["started_at"]
    return str(datetime.fromisoformat(start).astimezone(ZoneInfo(zone)).date()) if start else None


def shown_everywhere(page: Page, expected: list[Call]) -> None:
    """Compare every figure of the page with what the rows say."""
    count = f"{len(expected):,}"
    minutes = sum(float(call["duration_seconds"] or 0) for call in expected) / 60
    shown = min(20, len(expected))
    answers = len(responses(expected))

    assert figure(page, "Calls") == count
    assert figure(page, "Success") == percent(expected)
    assert abs(int(figure(page, "Minutes").replace(",", "")) - minutes) <= 1
    assert page.locator("#calls .shown").inner_text() == f"{shown} of {count} calls"
    assert sum_of(page, "#reasons td.count") == len(expected)
    assert sum_of(page, "#agents td.calls") == sum(
        bool(call["agent_id"] or call["agent_name"]) for call in expected
    )
    started = sum(call["started_at"] is not None for call in expected)
    for _ in range(100):  # the chart is drawn in a frame of its own
        if bars(page) == started:
            break
        page.wait_for_timeout(50)
    assert bars(page) == started
    measured = page.locator('[data-figure="Answer time"]').inner_text()
    assert (f"{answers:,} answers measured" if answers else "No response times") in measured
    by_currency: dict[str | None, float] = {}
    for call in expected:
        if call["cost"]:
            currency = call["currency"]
            by_currency[currency] = by_currency.get(currency, 0) + float(call["cost"])
    for currency, cost in by_currency.items():
        amount = f"{cost:,.{2 if cost >= 0.1 else 4}f}"
        unit = currency or "(currency not told)"
        assert f"{amount} {unit}" in page.locator('[data-figure="Cost"]').inner_text()


def sum_of(page: Page, cells: str) -> int:
    """Add up the numbers of a column, of all its rows."""
    while (more := page.locator("#reasons .more")).is_visible():
        more.click()
    return sum(int(text.replace(",", "")) for text in page.locator(cells).all_inner_texts())


def bars(page: Page) -> int:
    """Add up what the bars of the days say."""
    titles = page.locator("#per-day title").all_text_contents()
    return sum(int(title.split(": ")[1].split(" ")[0].replace(",", "")) for title in titles)


def agent_is(agent: str) -> Callable[[Call], bool]:
    """Return what tells the calls of an agent."""
    return lambda call: agent in {call["agent_id"], call["agent_name"]}


FILTERS: dict[tuple[str, str], Callable[[Call], bool]] = {
    ("provider", "Burki"): lambda call: call["provider"] == "burki",
    ("account", "Telnyx: second"): lambda call: (
        (call["provider"], call["account"]) == ("telnyx", "second")
    ),
    ("agent", "Orders"): agent_is("Orders"),
    ("direction", "Outbound"): lambda call: call["direction"] == "outbound",
    ("outcome", "Succeeded"): lambda call: outcome(call) is True,
    ("outcome", "Not succeeded"): lambda call: outcome(call) is False,
    ("outcome", "Not told"): lambda call: outcome(call) is None,
    ("reason", "Caller hung up"): lambda call: call["end_reason"] == "caller_hangup",
    ("period", "Last 7 days"): lambda call: (day_of(call) or "") >= "2026-01-07",
    ("period", "Last day"): lambda call: day_of(call) == "2026-01-13",
    ("period", "All time"): bool,
}


@pytest.mark.parametrize(("name", "label"), FILTERS)
def test_all_figures_follow_a_filter(name: str, label: str, page: Page) -> None:
    """Catches a figure, chart or table that shows calls which a filter leaves out."""
    expected = [call for call in CALLS if FILTERS[name, label](call)]
    choose(page, name, label)

    assert expected
    shown_everywhere(page, expected)


def test_filters_hold_together(page: Page) -> None:
    """Catches a filter that another one undoes, and a day that is not in its period."""
    choose(page, "period", "From … to …")
    page.locator("input[name=from]").fill("2026-01-06")
    page.locator("input[name=to]").fill("2026-01-08")
    choose(page, "provider", "Voicy")
    choose(page, "direction", "Inbound")

    shown_everywhere(
        page,
        [
            call
            for call in CALLS
            if "2026-01-06" <= (day_of(call) or "") <= "2026-01-08"
            and (call["provider"], call["direction"]) == ("voicy", "inbound")
        ],
    )
    assert (
        page.locator("#filters-told").inner_text() == "2026-01-06 to 2026-01-08 · Voicy · Inbound"
    )


def test_an_account_and_an_agent_of_another_provider_are_chosen_no_longer(page: Page) -> None:
    """Catches a page that shows nothing, since two filters exclude each other."""
    choose(page, "agent", "Orders")
    choose(page, "provider", "Voicy")

    assert page.locator("select[name=agent]").input_value() == "0"
    agents = page.locator("select[name=agent] option").all_inner_texts()
    assert agents == ["All", "<script>alert(1)</script>", "Reception"]
    shown_everywhere(page, [call for call in CALLS if call["provider"] == "voicy"])


def test_the_week_before(page: Page) -> None:
    """Catches a change against the wrong days, or against all days."""
    week = [call for call in CALLS if (day_of(call) or "") >= "2026-01-07"]
    before = [call for call in CALLS if (day_of(call) or "~") < "2026-01-07"]
    told = page.locator('[data-figure="Success"]').inner_text()

    last, earlier = percent(week), percent(before)
    assert f"last 7 days {last}, the week before {earlier}" in told
    points = re.search(r"([▲▼=]) ([\d.]+) points", told)
    assert points
    moved = float(last.split()[0]) - float(earlier.split()[0])
    assert float(points[2]) == pytest.approx(abs(moved), abs=0.11)
    assert points[1] == ("▲" if moved > 0 else "▼")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati"])
def test_days_of_a_time_zone(zone: str, page: Page) -> None:
    """Catches days and hours that stay those of UTC, and times of a list that do not fit them."""
    page.locator("select[name=zone]").select_option(zone)
    day = str(datetime(2026, 1, 8).date())  # noqa: DTZ001 - a day of any zone
    choose(page, "period", "From … to …")
    page.locator("input[name=from]").fill(day)
    page.locator("input[name=to]").fill(day)

    expected = [call for call in CALLS if day_of(call, zone) == day]
    shown_everywhere(page, expected)
    newest = max(datetime.fromisoformat(call["started_at"]) for call in expected)
    first = page.locator("td.when").first.inner_text()
    page.locator("select[name=zone]").select_option("UTC")
    assert first == f"{newest.astimezone(ZoneInfo(zone)):8 Jan, %H:%M}"


def test_a_day_without_an_hour(browser: Browser, tmp_path: Path) -> None:
    """Catches an offset that is taken for the whole day on which the clocks change."""
    changes = datetime.fromisoformat("2026-03-29T00:00:00+00:00")
    rows = [
        CALLS[0]
        | {"call_id": str(n), "started_at": f"{changes + timedelta(minutes=15 * n):%FT%T}.000000Z"}
        for n in range(-96, 192)
    ]
    zone = ZoneInfo("Europe/Berlin")
    expected = [0] * 24
    for row in rows:
        expected[datetime.fromisoformat(row["started_at"]).astimezone(zone).hour] += 1

    where = page_of(tmp_path, {"calls": rows}, "--time-zone=Europe/Berlin")
    with opened(browser, where) as found:
        card = found.page.locator("#charts .card").first
        assert "Hours of the day" in card.inner_text()
        titles = card.locator("title").all_text_contents()

    assert [int(title.split(": ")[1].split(" ")[0]) for title in titles] == expected


def test_percentiles_of_an_agent(browser: Browser, tmp_path: Path) -> None:
    """Catches means in place of percentiles, one place too far, and answers of another agent."""
    rows = [
        CALLS[0]
        | {"call_id": f"{agent}-{n}", "agent_id": agent, "agent_name": agent}
        | {"response_seconds": factor * n, "turns": None, "status": "completed", "successful": None}
        for agent, factor in (("Ada", 1), ("Bea", 3))
        for n in range(1, 11)
    ]
    with opened(browser, page_of(tmp_path, {"calls": rows})) as found:
        cells = found.page.locator("#agents tbody tr td.number").all_inner_texts()

    assert cells == [
        *("15.00 s", "27.00 s", "30.00 s", "100 %", "10"),
        *("5.00 s", "9.00 s", "10.00 s", "100 %", "10"),
    ]


def test_names_before_ids(page: Page) -> None:
    """Catches an id where a name is known; 12 is one of an account that tells no name."""
    agents = page.locator("#agents td.agent").all_inner_texts()

    assert sorted(agents) == [
        "12",
        "13",
        "<script>alert(1)</script>",
        "Dentist's front desk",
        "Night desk",
        "Orders",
        "Reception",
    ]


def test_tables_say_how_many_rows_they_show(page: Page) -> None:
    """Catches a table that is cut and does not say so, or shows a row twice."""
    told = page.locator("#calls .shown")
    assert told.inner_text() == "20 of 607 calls"
    page.locator("#calls .more").click()

    assert told.inner_text() == "40 of 607 calls"
    assert page.locator("#calls tbody tr").count() == 40
    assert page.locator("#agents .shown").inner_text() == "7 of 7 agents"


def test_the_list_is_sorted(page: Page) -> None:
    """Catches calls of unknown length among the longest."""
    page.get_by_role("button", name="Length").click()
    lengths = sorted((float(call["duration_seconds"] or 0) for call in CALLS), reverse=True)
    first = page.locator("#calls td.length").first.inner_text()
    minutes, seconds = divmod(round(lengths[0]), 60)
    page.get_by_role("button", name="Length").click()
    shortest = page.locator("#calls td.length").first.inner_text()
    page.get_by_role("button", name="Started").click()

    assert first == f"{minutes}:{seconds:02}"
    assert shortest == "0 s"


def test_the_list_is_searched(page: Page) -> None:
    """Catches a call that nobody finds by its number or id."""
    page.get_by_role("searchbox").fill("VOICY-1")
    wanted = [call for call in CALLS if call["call_id"].startswith("voicy-1")]

    shown = page.locator("#calls .shown").inner_text()
    assert shown == f"{min(20, len(wanted))} of {len(wanted)} calls"


def test_the_way_down_to_a_turn(page: Page) -> None:
    """Catches a call that opens as another one, without its turns, or without its recording."""
    choose(page, "provider", "Voicy")
    page.get_by_role("button", name="Caller hung up").click()
    expected = [
        call
        for call in CALLS
        if call["provider"] == "voicy" and call["end_reason"] == "caller_hangup"
    ]
    call = max(expected, key=lambda call: str(call["started_at"]))
    shown_everywhere(page, expected)
    page.locator("td.when button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".turn").first.wait_for()

    said = [turn for turn in ROWS["call_turns"] if turn["call_id"] == call["call_id"]][:3]
    assert dialog.locator(".turn").count() == 3
    assert dialog.locator(".turn .text").all_inner_texts() == [
        turn["text"] for turn in said if turn["text"] is not None
    ]
    told = dialog.inner_text()
    assert "3 of 3 turns" in told
    assert f"archive/voicy/{call['call_id']}-0.mp3" in told
    assert call["call_id"] in told
    assert str(call["from_number"] or "Not told") in told
    assert page.url.endswith(f"#call=voicy/default/{call['call_id']}")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_call_has_an_address(browser: Browser, address: str) -> None:
    """Catches a link to a call that opens the page only, and a way back that leaves it."""
    call = CALLS[3]
    link = f"{address}#call={call['provider']}/{call['account']}/{call['call_id']}"
    with opened(browser, link) as found:
        dialog = found.page.get_by_role("dialog")
        dialog.wait_for()
        assert call["call_id"] in dialog.inner_text()
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")
        found.page.go_back()
        dialog.wait_for()

        assert found.page.url == link
        assert found.events == [f"request {address}"]


def hostile_rows() -> dict[str, list[dict[str, Any]]]:
    """Return rows with hostile text in every field that is text, of every stream."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for stream, found in ROWS.items():
        model = found[0]
        texts = {name for name, value in model.items() if isinstance(value, str)}
        texts |= {name for name, value in model.items() if value is None} - {"turns"}
        keep = {"started_at", "ended_at", "call_started_at"}
        numbers = re.compile(r"_seconds$|^cost|^bytes$|^turn|^interruptions$|^confidence$")
        rows[stream] = [
            model
            | {name: word for name in texts - keep if not numbers.search(name)}
            | {"started_at": "2026-01-05T00:00:00.000000Z", "successful": None}
            for word in HOSTILE_WORDS
        ]
    for row in rows["call_recordings"]:
        row |= {"url": f"javascript:alert(3)//{HOSTILE}", "file": HOSTILE}
    return rows


def test_hostile_text_stays_text(browser: Browser, tmp_path: Path) -> None:
    """Catches text that runs, asks for something, is an address to follow, or breaks the page."""
    where = page_of(tmp_path, hostile_rows(), "--time-zone=UTC")
    with opened(browser, where) as found:
        page = found.page
        assert figure(page, "Calls") == "3"
        for place in range(3):
            page.locator("td.when button").nth(place).click()
            dialog = page.get_by_role("dialog")
            dialog.locator(".turn").first.wait_for()
            assert dialog.locator("a").count() == 0
            page.keyboard.press("Escape")
            dialog.wait_for(state="hidden")
        choose(page, "provider", HOSTILE)
        choose(page, "reason", HOSTILE)
        choose(page, "agent", HOSTILE)

        assert figure(page, "Calls") == "1"
        assert HOSTILE in page.locator("#filters-told").inner_text()
        assert page.locator("img").count() == 0
        assert "[object" not in page.locator("body").inner_text()
        assert "function" not in page.locator("main").inner_text()
        assert found.events == [f"request {where}"]


def test_the_browser_itself_forbids_markup(browser: Browser, address: str) -> None:
    """Catches a policy that would let text become markup, or a script from elsewhere run."""
    refused = """() => { try { document.body.innerHTML = "<b>x</b>"; return false; }
        catch (error) { return error instanceof TypeError; } }"""
    with opened(browser, address) as found:
        policy = found.page.locator("meta[http-equiv]").get_attribute("content")
        assert found.page.evaluate(refused)

    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


# Whether an element can be seen without scrolling sideways, in the page or in what it stands in.
IN_SIGHT = """element => {
    const own = element.getBoundingClientRect();
    let right = innerWidth;
    for (let box = element.parentElement; box; box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== "visible") {
            right = Math.min(right, box.getBoundingClientRect().right);
        }
    }
    return own.width > 0 && own.left >= 0 && own.right <= right + 1;
}"""


@pytest.mark.parametrize(
    "cells",
    [
        '[data-figure="Success"] .value',
        "#reasons td.share",
        "#reasons td.count",
        "#agents td.nine",
        "#agents td.success",
        "#calls td.end",
        "#calls td.agent",
        "#calls td.length",
        "#calls td.people",
    ],
)
def test_a_phone_shows_what_answers(cells: str, browser: Browser, address: str) -> None:
    """Catches an answering column that a phone has out of sight, and a page that scrolls aside."""
    with opened(browser, address, PHONE) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= PHONE
        assert (
            found.page.evaluate(
                "Math.min(...[...document.querySelectorAll('main *')].filter("
                "each => each.textContent.trim() && each.offsetWidth).map(each => "
                "parseFloat(getComputedStyle(each).fontSize)))"
            )
            >= 12
        )
        seen = found.page.locator(cells).evaluate_all(f"all => all.map({IN_SIGHT})")

    assert seen
    assert all(seen)


def test_a_phone_opens_a_call(browser: Browser, address: str) -> None:
    """Catches filters and a call that a phone cannot open, or not close."""
    with opened(browser, address, PHONE) as found:
        page = found.page
        page.locator("#filters summary").click()
        choose(page, "provider", "Voicy")
        page.locator("tr.opens").nth(1).click()
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        box = dialog.bounding_box()
        assert box is not None
        assert box["width"] == PHONE
        assert page.evaluate("document.querySelector('dialog').scrollWidth") <= PHONE
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")

        assert found.events == [f"request {address}"]


# The least contrast of text with what is behind it, by the formula of WCAG.
CONTRAST = """() => {
    const channels = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = node => {
        for (let box = node; box; box = box.parentElement) {
            const colour = channels(getComputedStyle(box).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const texts = [...document.querySelectorAll("main *, header *")].filter(node =>
        node.offsetWidth && [...node.childNodes].some(c => c.nodeType === 3 && c.data.trim()));
    return Math.min(...texts.map(node => {
        const pair = [light(channels(getComputedStyle(node).color)), light(behind(node))];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    }));
}"""


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_light_and_dark(scheme: str, is_dark: bool, browser: Browser, address: str) -> None:  # noqa: FBT001
    """Catches text that can hardly be read, and a page that is bright in a dark room."""
    with opened(browser, address, DESKTOP, scheme) as found:
        background = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        contrast = found.page.evaluate(CONTRAST)

    assert (max(int(part) for part in re.findall(r"\d+", background)) < 60) is is_dark
    assert contrast >= 4.5


def test_charts_follow_a_window_that_is_made_smaller(browser: Browser, address: str) -> None:
    """Catches charts that keep the width they began with, as when a tablet is turned."""
    with opened(browser, address) as found:
        found.page.set_viewport_size({"width": PHONE, "height": 800})
        wait_until(found.page, f"document.querySelector('svg').clientWidth < {PHONE}")

        assert found.page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_a_day_of_the_chart_is_chosen(page: Page) -> None:
    """Catches a bar that leads to another day than its own."""
    page.locator("#per-day .area").nth(2).click()

    assert page.locator("#filters-told").inner_text() == "2026-01-07"
    shown_everywhere(page, [call for call in CALLS if day_of(call) == "2026-01-07"])


def test_what_a_page_says_of_itself(browser: Browser, address: str, tmp_path: Path) -> None:
    """Catches made-up calls taken for real ones, and calls left out in silence."""
    limited = page_of(tmp_path, ROWS, "--limit=10", "--time-zone=UTC")
    with opened(browser, address) as whole, opened(browser, limited) as cut:
        assert whole.page.get_by_text("These calls are made up.").is_visible()
        assert not cut.page.get_by_text("These calls are made up.").is_visible()
        about = [each.page.locator("#about").inner_text() for each in (whole, cut)]

    assert about[0].startswith("607 calls, 5 Jan 2026 to 13 Jan 2026. Page made ")
    assert about[1].startswith("The newest 10 of 607 calls, ")


@pytest.mark.parametrize("key", ["", '{"provider": "p", "account": "a", "call_id": "1"}\n'])
def test_next_to_nothing(key: str, browser: Browser, tmp_path: Path) -> None:
    """Catches a page that fails without calls, or on one that tells nothing but its id."""
    (tmp_path / "calls.jsonl").write_text(key, "utf-8")
    assert make_page(tmp_path, tmp_path / "page.html").returncode == 0

    where = (tmp_path / "page.html").as_uri()
    with opened(browser, where) as found:
        if key:
            assert figure(found.page, "Calls") == "1"
            found.page.locator("td.when button").click()
            assert "No turns were loaded" in found.page.get_by_role("dialog").inner_text()
        else:
            assert found.page.get_by_role("alert").inner_text().startswith("No calls: ")
        assert found.events == [f"request {where}"]
