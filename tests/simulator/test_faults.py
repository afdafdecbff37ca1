"""The simulator answers with faults: which it was told, as a real server would, and counted."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
import requests

from tap_voicecalls.simulator import HOSTILE, KINDS, TRANSIENT, Faults, Simulator, cli

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = {
    "vonage": "v2/reports/records",
    "voicy": "functions/v1/call-get/x",
    "telnyx": "v2/voice_sdk_call_reports",
    "burki": "api/v1/calls/",
    "ovia": "api/v1/calls",
}


def ask(
    session: requests.Session,
    simulator: Simulator,
    provider: str = "burki",
    *,
    timeout: float = 60,
    follow: bool = False,
) -> requests.Response:
    """Ask a provider for something with its key."""
    key = simulator.configuration()[provider]["api_key"]
    return session.get(
        f"{simulator.url}/{provider}/{PATHS[provider]}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=timeout,
        allow_redirects=follow,
    )


@pytest.mark.parametrize("kind", ["reset", "close", "stall", "cut"])
def test_broken_answers_break_for_the_client(
    session: requests.Session, simulator: Simulator, kind: str
) -> None:
    """A fault of the connection that a client took for an answer would test nothing."""
    simulator.script("burki", kind)
    told = {
        "reset": "Connection reset by peer",
        "close": "without response",
        "stall": "timed out",
        "cut": "IncompleteRead",
    }
    with pytest.raises(requests.RequestException, match=told[kind]):
        ask(session, simulator, timeout=0.2 if kind == "stall" else 60)
    assert ask(session, simulator).status_code == 200
    assert simulator.injected == {kind: 1}
    answered = kind in {"stall", "cut"}
    assert [(one.fault, one.status) for one in simulator.requests] == [
        (kind, 200 if answered else 0),
        ("", 200),
    ]


def test_a_stalled_answer_begins(session: requests.Session, simulator: Simulator) -> None:
    """A stall without headers would be a slow answer, and reading the body would go untested."""
    simulator.script("burki", "stall")
    key = simulator.configuration()["burki"]["api_key"]
    url = f"{simulator.url}/burki/api/v1/calls/"
    headers = {"Authorization": f"Bearer {key}"}
    with session.get(url, headers=headers, timeout=60, stream=True) as answer:
        assert answer.status_code == 200
        parts = answer.iter_content(1)
        assert next(parts)
        # The rest never comes: the connection ends with the server, however late that is.
        simulator.stop()
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            list(parts)


def test_a_stall_ends_by_itself(session: requests.Session, simulator: Simulator) -> None:
    """A stall that never ended would leave a thread behind for each patient client."""
    simulator.options["stall_seconds"] = 0.1
    simulator.script("burki", "stall")
    with pytest.raises(requests.RequestException, match="IncompleteRead"):
        ask(session, simulator)


def test_a_slow_answer_comes_whole(session: requests.Session, simulator: Simulator) -> None:
    """A client that waits long enough gets everything, one that does not gets a time-out."""
    simulator.options["slow_seconds"] = 0.2
    simulator.script("burki", "slow", "slow")
    with pytest.raises(requests.ReadTimeout):
        ask(session, simulator, timeout=0.05)
    began = time.monotonic()
    assert ask(session, simulator).json()["total"]
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("kind", ["slow", "stall"])
def test_stopping_does_not_wait_for_a_fault(
    session: requests.Session, simulator: Simulator, kind: str
) -> None:
    """A simulator stopped in the middle of a long fault would hold up a test for seconds."""
    simulator.options |= {"slow_seconds": 3600, "stall_seconds": 3600}
    simulator.script("burki", kind)
    with pytest.raises(requests.RequestException, match="timed out"):
        ask(session, simulator, timeout=0.05)
    began = time.monotonic()
    simulator.stop()
    assert time.monotonic() - began < 600


@pytest.mark.parametrize("kind", ["html", "half", "empty"])
def test_a_200_that_is_no_json(session: requests.Session, simulator: Simulator, kind: str) -> None:
    """A framing error here would hide that the body itself is the fault."""
    simulator.script("burki", kind)
    answer = ask(session, simulator)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert (answer.headers["Content-Type"] == "application/json") is (kind != "html")
    assert bool(answer.content) is (kind != "empty")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("kind", ["408", "425", "429", "500", "502", "503", "504"])
def test_statuses_that_pass(session: requests.Session, simulator: Simulator, kind: str) -> None:
    """A status must be the one that was asked for, and only a 503 may ask for a wait."""
    simulator.script("burki", kind)
    answer = ask(session, simulator)
    assert answer.status_code == int(kind)
    assert ("Retry-After" in answer.headers) is (kind == "503")
    assert ("text/html" in answer.headers["Content-Type"]) is (kind == "502")


@pytest.mark.parametrize("provider", PATHS)
def test_waits_are_asked_for_in_three_forms(
    session: requests.Session, simulator: Simulator, provider: str
) -> None:
    """A wait in a form that the provider never sends would leave the real one untested."""
    simulator.options["retry_after_seconds"] = 3
    simulator.script(provider, "429-seconds", "429-date", "429-reset")
    now = time.time()
    seconds, date, reset = (ask(session, simulator, provider) for _ in range(3))
    assert {seconds.status_code, date.status_code, reset.status_code} == {429}
    assert seconds.headers["Retry-After"] == "3"
    after = time.time()
    asked_for = parsedate_to_datetime(date.headers["Retry-After"]).timestamp()
    assert now + 3 <= asked_for <= after + 4
    if provider == "voicy":
        assert now + 3 <= int(reset.headers["X-RateLimit-Reset"]) <= after + 4
        assert reset.headers["X-RateLimit-Remaining"] == "0"
        assert int(reset.headers["X-RateLimit-Limit"]) > 0
    elif provider == "telnyx":
        assert reset.headers["x-ratelimit-reset"] == "3"
        assert reset.headers["x-ratelimit-remaining"] == "0"
        assert reset.json()["errors"][0]["code"] == "10011"
    else:
        assert reset.headers["Retry-After"] == "3"
    assert ("Retry-After" in reset.headers) is (provider not in {"voicy", "telnyx"})


@pytest.mark.parametrize("kind", ["429-seconds", "429-date", "429-reset", "503"])
@pytest.mark.parametrize("provider", ["voicy", "telnyx", "ovia"])
def test_who_comes_early_is_counted(
    session: requests.Session, simulator: Simulator, provider: str, kind: str
) -> None:
    """A client that ignores a wait must not go unnoticed, in whatever form it was asked for."""
    simulator.options |= {"under_way_seconds": 0, "retry_after_seconds": 3600}
    simulator.script(provider, kind)
    ask(session, simulator, provider)
    assert simulator.early_requests == {}
    ask(session, simulator, provider)
    ask(session, simulator, provider)
    ask(session, simulator, "burki")
    assert simulator.early_requests == {provider: 2}


def test_who_waits_is_not_counted(session: requests.Session, simulator: Simulator) -> None:
    """A wait that is over must be over, and a 429 without a wait asks for none."""
    simulator.options |= {"under_way_seconds": 0, "retry_after_seconds": 0.1}
    simulator.script("burki", "429-seconds", "429")
    ask(session, simulator)
    time.sleep(0.11)
    for _ in range(3):
        ask(session, simulator)
    assert simulator.early_requests == {}


def test_requests_under_way_are_forgiven(session: requests.Session, simulator: Simulator) -> None:
    """A request that another thread had sent before the 429 was read is no impatience."""
    simulator.options |= {"under_way_seconds": 600, "retry_after_seconds": 3600}
    simulator.script("burki", "429-seconds")
    ask(session, simulator)
    ask(session, simulator)
    assert simulator.early_requests == {}
    simulator.options["under_way_seconds"] = 0
    ask(session, simulator)
    assert simulator.early_requests == {"burki": 1}


def test_a_redirect_to_the_same_origin_is_followed_once(
    session: requests.Session, simulator: Simulator
) -> None:
    """A redirect must end at the honest answer with method, query and body as they were."""
    simulator.faults = Faults(rate=1, kinds=("redirect-same",))
    settings = simulator.configuration()["voicy"]
    headers = {"Authorization": f"Bearer {settings['api_key']}"}
    url = f"{settings['base_url']}/call-list"
    answer = session.post(url, json={"limit": 2}, headers=headers, timeout=60)
    assert len(answer.json()["calls"]) == 2
    assert [(one.method, one.status) for one in simulator.requests] == [
        ("POST", 307),
        ("POST", 200),
    ]
    key = simulator.configuration()["burki"]["api_key"]
    answer = session.get(
        f"{simulator.url}/burki/api/v1/calls/",
        params={"limit": "3", "date_from": "2026-04-29T00:00:00+00:00"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    assert len(answer.json()["items"]) == 3
    assert len(answer.history) == 1


def test_a_redirect_away_leads_to_the_stranger(
    session: requests.Session, simulator: Simulator
) -> None:
    """Who follows to another origin gets a list without calls, and is seen there."""
    simulator.script("ovia", "redirect-away")
    answer = ask(session, simulator, "ovia", follow=True)
    assert answer.url == f"{simulator.foreign_url}/ovia/api/v1/calls"
    assert answer.json()["calls"] == []
    assert [visit.target for visit in simulator.foreign_requests] == ["/ovia/api/v1/calls"]
    # The library leaves the key out when the port changes.
    assert not simulator.foreign_got_key


@pytest.mark.parametrize("provider", PATHS)
def test_a_key_is_found_wherever_it_is(
    session: requests.Session, simulator: Simulator, provider: str
) -> None:
    """A key in a header, an address or a body of a request to another origin must be noticed."""
    settings = simulator.configuration()[provider]
    key = str(settings.get("api_secret") or settings["api_key"])
    sends: list[Callable[[str], object]] = [
        lambda url: session.get(f"{url}/x?key={key}", timeout=60),
        lambda url: session.post(url, json={"key": key}, timeout=60),
        lambda url: session.get(url, headers={"X-Key": key}, timeout=60),
        lambda url: session.get(url, headers={"Authorization": "anything"}, timeout=60),
    ]
    start, end = simulator.world.start, simulator.world.end
    for send in sends:
        with Simulator(seed=7, start=start, end=end) as fresh:
            session.get(fresh.foreign_url, timeout=60)
            assert not fresh.foreign_got_key
            send(fresh.foreign_url)
            assert fresh.foreign_got_key


def test_the_stranger_stops_with_the_simulator(
    session: requests.Session, simulator: Simulator
) -> None:
    """A second server that stayed behind would keep its port until the process ends."""
    url = simulator.foreign_url
    session.get(url, timeout=60)
    simulator.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=60)
    assert simulator.start().foreign_url == url


def test_rate_limits_count(session: requests.Session, simulator: Simulator) -> None:
    """Requests beyond the limit get 429 and are counted; those of other providers do not count."""
    simulator.options |= {"rate_limits": {"telnyx": 3}, "rate_window_seconds": 3600}
    statuses = [ask(session, simulator, "telnyx").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert ask(session, simulator, "burki").status_code == 200
    assert simulator.over_limit == {"telnyx": 2}
    assert simulator.injected == {}
    refused = [one for one in simulator.requests if one.status == 429]
    assert {one.fault for one in refused} == {"rate limit"}


def schedule(session: requests.Session, simulator: Simulator, faults: Faults) -> list[str]:
    """Return the faults of thirty requests to Burki, with some to another provider in between."""
    simulator.faults = faults
    first = len(simulator.requests)
    for number in range(30):
        ask(session, simulator)
        if number % 5 == faults.seed % 5:
            ask(session, simulator, "vonage")
    return [one.fault for one in simulator.requests[first:] if one.provider == "burki"]


def test_a_schedule_can_be_repeated(session: requests.Session, simulator: Simulator) -> None:
    """A failing run must fail again with its seed, whatever other providers are asked."""
    kinds = ("500", "429", "html")
    one = schedule(session, simulator, Faults(seed=3, rate=0.4, kinds=kinds))
    assert one == schedule(session, simulator, Faults(seed=3, rate=0.4, kinds=kinds))
    assert one != schedule(session, simulator, Faults(seed=4, rate=0.4, kinds=kinds))
    assert set(one) == {"", *kinds}
    counted = sum(bool(request.fault) for request in simulator.requests)
    assert simulator.injected.total() == counted
    simulator.faults = None
    assert ask(session, simulator).status_code == 200


def test_a_patient_client_gets_through(session: requests.Session, simulator: Simulator) -> None:
    """Even if every request were faulty, the one after three in a row is answered."""
    found = schedule(session, simulator, Faults(rate=1, kinds=("500",)))
    assert found == (["500", "500", "500", ""] * 8)[:30]


def test_a_request_gets_through_in_a_crowd(simulator: Simulator) -> None:
    """With many clients at once no single request meets more than three faults in a row."""
    simulator.faults = Faults(rate=0.8, kinds=("500",))
    key = simulator.configuration()["burki"]["api_key"]

    def tries(skip: int) -> int:
        for count in range(20):
            answer = requests.get(
                f"{simulator.url}/burki/api/v1/calls/",
                params={"skip": skip, "limit": 1},
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
            )
            if answer.status_code == 200:
                return count
        return 20

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(tries, range(40))) == 3


def test_a_script_comes_before_the_schedule(
    session: requests.Session, simulator: Simulator
) -> None:
    """What a test says happens in its order, "ok" included, and then the schedule goes on."""
    simulator.faults = Faults(rate=1, kinds=("425",))
    simulator.script("burki", "503", "ok")
    simulator.script("burki", "408")
    statuses = [ask(session, simulator).status_code for _ in range(4)]
    assert statuses == [503, 200, 408, 425]


def test_unknown_faults_are_refused(simulator: Simulator) -> None:
    """A misspelt kind that injected nothing would make a test pass for no reason."""
    with pytest.raises(ValueError, match="unknown fault: 501"):
        simulator.script("burki", "501")
    with pytest.raises(KeyError):
        simulator.script("bruki", "500")
    with pytest.raises(ValueError, match="unknown fault: resett"):
        Faults(kinds=("resett",))
    with pytest.raises(ValueError, match="a rate from 0 to 1"):
        Faults(rate=10)
    assert set(KINDS) == {*TRANSIENT, *HOSTILE}
    assert len(KINDS) == len(TRANSIENT) + len(HOSTILE)


def test_faults_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong kind or share on the command line is one line, not a traceback."""
    dates = ["--start", "2026-04-01", "--end", "2026-04-02"]
    assert cli.main([*dates, "--faults", "0.1", "--fault-kinds", "reset, 5o3"]) == 1
    assert "error: unknown fault: 5o3; choose from reset, close" in capsys.readouterr().err
    assert cli.main([*dates, "--faults", "2", "--fault-seed", "3"]) == 1
    assert "a rate from 0 to 1" in capsys.readouterr().err


def test_the_command_line_makes_a_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A switch that reached nothing would let a soak pass without a single fault."""
    made: list[object] = []

    def pretend(**options: object) -> None:
        made.append(options["faults"])
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "Simulator", pretend)
    cli.main([])
    cli.main(["--faults", "0.1"])
    cli.main(["--faults", "0.5", "--fault-kinds", "reset,503", "--fault-seed", "3"])
    assert made == [None, Faults(rate=0.1), Faults(seed=3, rate=0.5, kinds=("reset", "503"))]
