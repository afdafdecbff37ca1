"""The page in a real browser: what a person sees on a desktop and on a phone."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest
from made_up_calls import SCRIPT, calls, lines, write
from playwright.sync_api import Browser, Dialog, Page, sync_playwright
from programs import needed

from demo.page.calls import load
from demo.page.html import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PHONE, DESKTOP = 375, 1280
CHARTS = 10
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
# Of each chart: its bars or points that can be seen, and how many its table says there are.
MARKS = """() => [...document.querySelectorAll("figure")].map(figure => {
    const marks = figure.querySelectorAll(".mark-rect.role-mark path, .mark-symbol.role-mark path");
    const seen = [...marks].filter(mark => {
        const box = mark.getBoundingClientRect();
        return box.width > 0 && box.height > 0 && getComputedStyle(mark).fill !== "none";
    });
    return [seen.length, figure.querySelectorAll("tbody tr").length];
})"""
# Of each chart: its place, that of its card, and the size of its smallest letters on the screen.
PLACES = """() => [...document.querySelectorAll("figure")].map(figure => {
    const svg = figure.querySelector("svg"), chart = svg.getBoundingClientRect();
    const card = figure.getBoundingClientRect(), scale = chart.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")];
    const sizes = texts.map(text => parseFloat(getComputedStyle(text).fontSize));
    return {left: chart.left - card.left, right: card.right - chart.right,
            share: chart.width / card.width, letters: scale * Math.min(...sizes)};
})"""
PAGE_WIDTH = "() => document.documentElement.scrollWidth"
INK = """() => [
    getComputedStyle(document.querySelector("svg .role-axis-label text")).fill,
    getComputedStyle(document.body).color,
    getComputedStyle(document.querySelector("figure")).backgroundColor,
]"""


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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page of the made-up calls is."""
    folder: Path = tmp_path_factory.mktemp("page")
    database = load(write(folder / "calls.jsonl", lines(calls())))
    page = folder / "calls.html"
    page.write_text(render(database, datetime.now(UTC), made_up=True), encoding="utf-8")
    return page.as_uri()


def wait_until(page: Page, expression: str) -> None:
    """Wait until a script is true; Playwright's own wait is what the page's policy forbids."""
    deadline = time.monotonic() + LONG
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


@contextmanager
def opened(browser: Browser, address: str, width: int, scheme: str = "light") -> Iterator[Opened]:
    """Open the page in a window of this width, and wait for the charts."""
    context = browser.new_context(viewport={"width": width, "height": 800})
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
    wait_until(page, f"document.querySelectorAll('figure svg').length === {CHARTS}")
    yield Opened(page, events)
    context.close()


@pytest.fixture(params=[PHONE, DESKTOP], scope="module")
def window(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Opened]:
    """The page on a phone, then on a desktop; each is opened once."""
    with opened(browser, address, request.param) as found:
        yield found


def test_every_chart_is_drawn(window: Opened) -> None:
    """Catches a chart that is an empty frame, or that lacks some of its data."""
    marks = window.page.evaluate(MARKS)

    assert len(marks) == CHARTS
    assert [seen for seen, _ in marks] == [rows for _, rows in marks]
    assert min(seen for seen, _ in marks) > 5


def test_nothing_is_asked_for_and_nothing_goes_wrong(window: Opened, address: str) -> None:
    """Catches a request of any kind, an error, a warning, and a name that ran as a script."""
    window.page.mouse.wheel(0, 20_000)
    window.page.wait_for_timeout(200)

    assert window.events == [f"request {address}"]
    assert window.page.get_by_role("cell", name=SCRIPT, exact=True).count() == 1


def test_all_fits_into_the_window(window: Opened) -> None:
    """Catches a page that scrolls sideways, a chart wider than its card or too small to read."""
    assert window.page.viewport_size is not None
    assert window.page.evaluate(PAGE_WIDTH) <= window.page.viewport_size["width"]
    for place in window.page.evaluate(PLACES):
        assert place["left"] >= 0
        assert place["right"] >= 0
        assert place["share"] > 0.85
        assert place["letters"] >= 11.5


def test_charts_follow_a_window_that_is_made_smaller(browser: Browser, address: str) -> None:
    """Catches charts that keep the width they began with, as when a tablet is turned."""
    with opened(browser, address, DESKTOP) as window:
        window.page.set_viewport_size({"width": PHONE, "height": 800})
        wait_until(window.page, f"document.documentElement.scrollWidth <= {PHONE}")

        assert min(place["right"] for place in window.page.evaluate(PLACES)) >= 0
        assert [seen for seen, _ in window.page.evaluate(MARKS)].count(0) == 0


def test_a_wide_table_scrolls_in_itself_and_by_keyboard(browser: Browser, address: str) -> None:
    """Catches columns that a phone, or a reader without a mouse, cannot get to."""
    with opened(browser, address, PHONE) as window:
        table = window.page.get_by_role("region", name="How many calls did each agent fail?")
        assert table.get_attribute("tabindex") == "0"  # not every browser sees by itself it scrolls
        table.focus()
        window.page.keyboard.press("End")
        for _ in range(30):
            window.page.keyboard.press("ArrowRight")
        last = table.get_by_role("columnheader", name="failed percent")
        last.wait_for()
        window.page.wait_for_timeout(300)
        box = last.bounding_box()

        assert box is not None
        assert box["x"] + box["width"] <= PHONE
        assert window.page.evaluate("() => scrollX") == 0


def test_a_chart_answers_when_it_is_pointed_at(window: Opened) -> None:
    """Catches a bar that does not say what it is."""
    window.page.locator("figure .mark-rect.role-mark path").first.hover()
    tip = window.page.locator("#vg-tooltip-element")
    tip.wait_for()

    assert tip.inner_text().split()[:2] == ["day", "2026-01-05"]


@pytest.mark.parametrize(
    ("scheme", "card"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(27, 31, 38)")]
)
def test_charts_take_the_ink_of_the_page(
    scheme: str, card: str, browser: Browser, address: str
) -> None:
    """Catches black letters on a dark page."""
    with opened(browser, address, DESKTOP, scheme) as window:
        label, body, background = window.page.evaluate(INK)

    assert label == body
    assert background == card
    assert body != background


def test_everything_has_a_name_for_those_who_listen(window: Opened) -> None:
    """Catches a chart, a table or a region without a name, and a page without its language."""
    page = window.page

    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).all_inner_texts() == ["Voice calls"]
    assert page.get_by_role("heading", level=2).count() == 2
    assert page.get_by_role("heading", level=3).count() == CHARTS + 11
    assert page.get_by_role("figure", name="Calls per day", exact=True).count() == 1
    assert page.locator("main table").count() == page.locator("main table > caption").count()
    assert page.get_by_role("table", name="What did a minute cost").count() == 1
