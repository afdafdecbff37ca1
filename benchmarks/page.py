"""Time `voicecalls-page` and the opening of its page with many made-up calls.

``python -m benchmarks.page [--calls 100000]``; it needs Chromium (``make programs``).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAYS = 120
_OPENINGS = 3
_START = datetime(2026, 1, 5, tzinfo=UTC)
_PROVIDERS = {"vonage": False, "telnyx": False, "voicy": True, "burki": True, "retell": True}
_ENDS = (("completed", "caller_hangup"), ("completed", "completed"), ("no_answer", "no_answer"))
_WORDS = (
    *("time", "order", "parcel", "number", "tomorrow", "street", "please", "account", "invoice"),
    *("week", "morning", "delivery", "payment", "address", "change", "check", "ask", "call"),
    *("back", "agent", "thank", "you", "of", "course", "one", "moment"),
)
_SHOWN = "document.body?.dataset.state === 'shown' || document.body?.dataset.state === 'ready'"
_READY = "document.body.dataset.state === 'ready'"


def call(rng: random.Random, number: int) -> dict[str, Any]:
    """Make a call."""
    provider = rng.choice(list(_PROVIDERS))
    status, reason = rng.choice(_ENDS)
    start = _START + timedelta(seconds=rng.random() * _DAYS * 86_400)
    agent = f"{provider}-{rng.randrange(8)}" if _PROVIDERS[provider] else None
    return {
        "provider": provider,
        "account": rng.choice(["berlin", "boston"]),
        "call_id": f"{number:06}-{rng.getrandbits(96):024x}",
        "direction": rng.choice(["inbound", "outbound"]),
        "status": status,
        "end_reason": reason,
        "from_number": f"+1303555{rng.randrange(100, 200):04}",
        "to_number": f"+1212555{rng.randrange(100, 200):04}",
        "agent_id": agent,
        "agent_name": agent and f"Reception {agent[-1]}",
        "started_at": f"{start:%FT%T.%f}Z",
        "duration_seconds": round(rng.expovariate(1 / 140), 3),
        "cost": round(rng.random() / 4, 6),
        "currency": "USD",
    }


def turns(rng: random.Random, of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Make what is said in a call of an agent, about a turn each twelve seconds."""
    for turn in range(min(24, int(of["duration_seconds"] / 12)) if of["agent_id"] else 0):
        yield {
            **{name: of[name] for name in ("provider", "account", "call_id")},
            "turn": turn,
            "role": "caller" if turn % 2 else "agent",
            "text": " ".join(rng.choices(_WORDS, k=rng.randrange(6, 20))),
            "offset_seconds": turn * 12,
            "response_seconds": None if turn % 2 else round(rng.lognormvariate(0, 0.5), 3),
        }


def make(folder: Path, count: int) -> int:
    """Write the calls and their turns, and return how many turns there are."""
    rng = random.Random(5)  # noqa: S311 - made-up calls
    said = 0
    with (folder / "calls.jsonl").open("w") as calls, (folder / "call_turns.jsonl").open("w") as of:
        for number in range(count):
            row = call(rng, number)
            calls.write(json.dumps(row) + "\n")
            for turn in turns(rng, row):
                of.write(json.dumps(turn) + "\n")
                said += 1
    return said


def openings(page: Path) -> Iterator[tuple[float, float]]:
    """Yield seconds until all figures are shown, and until calls can be searched and opened."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu"]
    with sync_playwright() as playwright:
        for _ in range(_OPENINGS):
            browser = playwright.chromium.launch(executable_path=program, args=arguments)
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.goto("about:blank")
            start = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="commit")
            seconds = []
            for state in (_SHOWN, _READY):
                while not tab.evaluate(state):
                    tab.wait_for_timeout(5)
                seconds.append(time.perf_counter() - start)
            browser.close()
            yield seconds[0], seconds[1]


def main() -> None:
    """Make the calls and the page, open it, and print what that took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    count = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "calls.html"
        said = make(folder, count)
        program = Path(sys.executable).with_name("voicecalls-page")
        start = time.perf_counter()
        subprocess.run([program, folder, page], check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = page.stat().st_size / 1e6
        print(f"{count:,} calls, {said:,} turns: {took:.1f} s, {peak:.0f} MiB, {size:.1f} MB")
        for shown, ready in openings(page):
            print(f"figures after {shown:.2f} s, list and search after {ready:.2f} s")


if __name__ == "__main__":
    main()
