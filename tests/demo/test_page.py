"""The page of the calls: its numbers, what it does with awkward files, and that it escapes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from made_up_calls import BREAKS_OUT, SCRIPT, Call, calls, lines, write

from demo.page.__main__ import main
from demo.page.calls import load
from demo.page.figures import figures
from demo.page.html import render, totals

if TYPE_CHECKING:
    from pathlib import Path

MADE = datetime(2026, 1, 14, 9, 5, tzinfo=UTC)
CALLS = calls()
TITLES = [
    "Calls per day",
    "Hours of the day, UTC",
    "How long calls took",
    "How calls ended",
    "Cost per day, EUR",
    "Cost per minute, EUR",
    "Cost per day, USD",
    "Cost per minute, USD",
    "Cost per day, no currency told",
    "Cost per minute, no currency told",
]


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """The numbers of each chart, by its title."""
    database = load(write(tmp_path_factory.mktemp("calls") / "calls.jsonl", lines(CALLS)))
    return {figure.title: figure.numbers.rows for figure in figures(database)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the made-up calls."""
    path = write(tmp_path_factory.mktemp("calls") / "calls.jsonl", lines(CALLS))
    return render(load(path), MADE, made_up=True)


def start(call: Call) -> datetime:
    """Return when a call started."""
    return datetime.fromisoformat(call["started_at"])


def test_the_last_line_of_a_call_wins(tmp_path: Path) -> None:
    """Catches a call counted twice, or shown as it was before it ended."""
    call = CALLS[0] | {"status": "completed", "duration_seconds": Decimal(60)}
    other = call | {"account": "second"}
    running = call | {"status": "in_progress", "duration_seconds": None}
    database = load(write(tmp_path / "calls.jsonl", [running, other, call]))

    found = database.execute("select account, status from calls order by account").fetchall()
    assert found == [("default", "completed"), ("second", "completed")]


def test_money_keeps_its_digits(tmp_path: Path) -> None:
    """Catches a cost that went through a float: 1.1 would become 1.100000000000000128."""
    costs = ["1.1", "0.0000001", "123456.123456789"]
    rows = [CALLS[0] | {"call_id": cost, "cost": Decimal(cost)} for cost in costs]
    database = load(write(tmp_path / "calls.jsonl", rows))

    [(found,)] = database.execute("select sum(cost) from calls").fetchall()
    assert found == Decimal("123457.2234568890")


def test_the_totals_at_the_top(tmp_path: Path) -> None:
    """Catches currencies in one sum, and a cost of less than a cent told as nothing."""
    one = CALLS[0] | {"started_at": "2026-01-05T23:59:00.000000Z"}
    rows = [
        one | {"call_id": "1", "cost": Decimal("1.239"), "currency": "USD"},
        one | {"call_id": "2", "cost": Decimal("1000.5"), "currency": "USD"},
        one | {"call_id": "3", "cost": Decimal("0.0012"), "currency": "EUR"},
        one | {"call_id": "4", "cost": Decimal(2), "currency": None},
        one | {"call_id": "5", "cost": None, "currency": "GBP", "provider": "other"},
    ]
    rows = [row | {"duration_seconds": Decimal(90)} for row in rows]

    assert list(totals(load(write(tmp_path / "calls.jsonl", rows)))) == [
        ("Calls", [("5", "")]),
        ("Minutes", [("7.5", "")]),
        ("Providers", [("2", "")]),
        ("Cost", [("0.0012", "EUR"), ("1,001.74", "USD"), ("2.00", "no currency told")]),
        ("First and last call", [("5 Jan 2026", "23:59 UTC"), ("5 Jan 2026", "23:59 UTC")]),
    ]


def test_the_charts_there_are(shown: dict[str, list[tuple[Any, ...]]]) -> None:
    """Catches a chart without anything in it, as of a currency in which nothing was charged."""
    assert list(shown) == TITLES


def test_the_charts_count_right(shown: dict[str, list[tuple[Any, ...]]]) -> None:
    """Catches a call on another day or at another hour, or on the wrong side of a length."""
    started = [call for call in CALLS if call["started_at"]]
    ends = {0: "0 s", 15: "to 15 s", 30: "to 30 s", 60: "to 1 min", 120: "to 2 min"}
    ends |= {300: "to 5 min", 600: "to 10 min", 10**9: "longer"}
    lengths = [
        (next(name for end, name in ends.items() if call["duration_seconds"] <= end), call)
        for call in CALLS
        if call["duration_seconds"] is not None
    ]

    expected = {
        "Calls per day": Counter((start(call).date(), call["provider"]) for call in started),
        "Hours of the day, UTC": Counter((start(c).hour, c["direction"]) for c in started),
        "How long calls took": Counter((name, call["provider"]) for name, call in lengths),
        "How calls ended": Counter((call["provider"], call["status"]) for call in CALLS),
    }
    assert {title: {row[:2]: row[2] for row in shown[title]} for title in expected} == expected


def test_days_long_before_the_others_do_not_crowd_them_out(tmp_path: Path) -> None:
    """Catches a chart of twenty thousand days because one call has a time of 1970."""
    old = CALLS[0] | {"call_id": "old", "started_at": "1970-01-01T00:00:00.000000Z"}
    database = load(write(tmp_path / "calls.jsonl", [*CALLS[:50], old]))

    found = {figure.title: figure.numbers.rows for figure in figures(database)}

    days = {str(row[0]) for row in found["Calls per day, the last 90 days"]}
    assert {day[:7] for day in days} == {"2026-01"}
    assert sum(int(str(row[2])) for row in found["How calls ended"]) == 51


@pytest.mark.parametrize("currency", ["EUR", "USD", None])
def test_the_charts_add_up_right(
    currency: str | None, shown: dict[str, list[tuple[Any, ...]]]
) -> None:
    """Catches two currencies in one chart, and a price per call taken for one per minute."""
    cost: Counter[tuple[Any, ...]] = Counter()
    seconds: Counter[tuple[Any, ...]] = Counter()
    for call in CALLS:
        if call["cost"] is not None and call["currency"] == currency:
            cost[start(call).date(), call["provider"]] += call["cost"]
            seconds[start(call).date(), call["provider"]] += call["duration_seconds"]
    per_minute = {key: 60 * cost[key] / seconds[key] for key in cost}

    unit = currency or "no currency told"
    for title, expected in (("day", cost), ("minute", per_minute)):
        found = {row[:2]: row[2] for row in shown[f"Cost per {title}, {unit}"]}
        assert found == {
            key: pytest.approx(value, abs=Decimal("0.00006")) for key, value in expected.items()
        }


def test_a_cost_without_a_duration_is_in_no_price_per_minute(tmp_path: Path) -> None:
    """Catches a minute that looks dearer for every call of unknown length."""
    known = CALLS[0] | {"cost": Decimal(1), "currency": "USD", "duration_seconds": Decimal(30)}
    unknown = known | {"call_id": "unknown", "duration_seconds": None}
    database = load(write(tmp_path / "calls.jsonl", [known, unknown]))

    found = {figure.title: figure.numbers.rows for figure in figures(database)}

    assert [row[2] for row in found["Cost per day, USD"]] == [2]
    assert [row[2] for row in found["Cost per minute, USD"]] == [2]


def test_what_the_data_holds_is_escaped(page: str) -> None:
    """Catches an agent's name that runs as a script, and a number that breaks out of its cell."""
    tags = Tags(page).found

    assert SCRIPT not in page
    assert BREAKS_OUT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "img" not in {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]


def test_a_provider_named_like_a_script_is_escaped_in_the_chart(tmp_path: Path) -> None:
    """Catches a chart's data that ends the element it stands in."""
    path = write(tmp_path / "calls.jsonl", [CALLS[0] | {"provider": "</script><b>"}])

    page = render(load(path), MADE, made_up=False)

    assert r'"\u003c/script\u003e\u003cb\u003e"' in page
    assert "b" not in {tag for tag, _ in Tags(page).found}


def test_the_page_needs_nothing_but_itself(page: str) -> None:
    """Catches a style, script or font from elsewhere, and a policy that would allow one."""
    tags = Tags(page).found
    addresses = [
        attributes.get("src") or attributes.get("href")
        for _, attributes in tags
        if "src" in attributes or "href" in attributes
    ]
    [policy] = [a["content"] for _, a in tags if a.get("http-equiv") == "Content-Security-Policy"]

    assert addresses == ["data:,"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    assert len(page.encode()) < 1_200_000


def test_the_page_says_when_it_was_made_and_that_its_data_is_made_up(
    page: str, tmp_path: Path
) -> None:
    """Catches made-up prices taken for true ones, and true ones called made up."""
    real = render(load(write(tmp_path / "calls.jsonl", CALLS[:3])), MADE, made_up=False)

    assert "14 January 2026 at 09:05 UTC" in page
    assert "These calls are made up." in page
    assert "made up" not in real


def test_a_long_answer_is_cut_and_says_so(tmp_path: Path) -> None:
    """Catches a page of a hundred thousand rows, and a cut that nobody is told of."""
    agents = [CALLS[0] | {"call_id": str(n), "agent_id": f"agent {n}"} for n in range(1_201)]

    page = render(load(write(tmp_path / "calls.jsonl", agents)), MADE, made_up=False)

    assert page.count('<td class="text">agent ') == 500
    assert "The first 500 of 1,201 rows." in page


def test_without_calls_the_page_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Catches empty charts, or none at all where a user looks for them."""
    path = tmp_path / "calls.html"

    assert main([str(write(tmp_path / "calls.jsonl", [])), str(path)]) == 0
    page = path.read_text(encoding="utf-8")

    assert "<strong>No calls.</strong>" in page
    assert {"figure", "table", "script"}.isdisjoint(tag for tag, _ in Tags(page).found)
    assert capsys.readouterr().out == f"The page of the calls is {path}: open it in a browser.\n"


def test_calls_that_tell_next_to_nothing_make_a_page(tmp_path: Path) -> None:
    """Catches a page that fails on a call without a time, a duration, a cost or an agent."""
    bare = next(call for call in CALLS if call["call_id"] == "bare")
    database = load(write(tmp_path / "calls.jsonl", [bare]))

    page = render(database, MADE, made_up=False)

    assert "How calls ended" in page
    assert "Calls per day" not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"provider": "burki", "call_id": "1"}\n',
            "lacks columns of the stream `calls`: account, stream, ",
        ),
        ("[1]\n", "is not the stream `calls` as JSON lines (InvalidInputException)"),
        ("burki +12025550123\n", "is not the stream `calls` as JSON lines (InvalidInputException)"),
        (
            '{"started_at": "+12025550123"}\n',
            "is not the stream `calls` as JSON lines (ConversionException)",
        ),
        (None, "is not there: the stream `calls` should have landed in it"),
    ],
)
def test_another_file_is_refused_in_one_line(
    text: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a traceback, an empty page, and a number that ends up in a log."""
    path = tmp_path / "calls.jsonl"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    assert main([str(path), str(tmp_path / "calls.html")]) == 1
    said = capsys.readouterr()

    assert said.err.startswith(f"page: {path} {message}")
    assert said.err.count("\n") == 1
    assert "+1202" not in said.err + said.out
    assert not (tmp_path / "calls.html").exists()
