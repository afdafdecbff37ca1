"""The simulator sends the requested faults as a real server would, and counts them."""

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
    """Send a request with the right key to a provider."""
    key = simulator.configuration()[provider]["api_key"]
    return session.get(
        f"{simulator.url}/{provider}/{PATHS[provider]}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=timeout,
        allow_redirects=follow,
    )


@pytest.mark.parametrize("kind", ["reset", "close", "stall", "cut"])
def test_connection_faults_are_errors_of_the_client(
    session: requests.Session, simulator: Simulator, kind: str
) -> None:
    """A client must not accept the response of a connection fault."""
    simulator.script("burki", kind)
    errors = {
        "reset": "Connection reset by peer",
        "close": "without response",
        "stall": "timed out",
        "cut": "IncompleteRead",
    }
    with pytest.raises(requests.RequestException, match=errors[kind]):
        ask(session, simulator, timeout=0.2 if kind == "stall" else 60)
    assert ask(session, simulator).status_code == 200
    assert simulator.injected == {kind: 1}
    answered = kind in {"stall", "cut"}
    assert [(one.fault, one.status) for one in simulator.requests] == [
        (kind, 200 if answered else 0),
        ("", 200),
    ]


def test_a_stalled_response_starts_with_half_the_body(
    session: requests.Session, simulator: Simulator
) -> None:
    """A stall without headers would be the same as a slow response."""
    simulator.script("burki", "stall")
    key = simulator.configuration()["burki"]["api_key"]
    url = f"{simulator.url}/burki/api/v1/calls/"
    headers = {"Authorization": f"Bearer {key}"}
    with session.get(url, headers=headers, timeout=60, stream=True) as answer:
        assert answer.status_code == 200
        parts = answer.iter_content(1)
        assert next(parts)
        # The rest is never sent: the connection ends when the server stops.
        simulator.stop()
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            list(parts)


def test_a_stall_ends_after_its_time(session: requests.Session, simulator: Simulator) -> None:
    """A stall without an end would leave a thread for each client without a time-out."""
    simulator.options["stall_seconds"] = 0.1
    simulator.script("burki", "stall")
    with pytest.raises(requests.RequestException, match="IncompleteRead"):
        ask(session, simulator)


def test_a_slow_response_is_complete(session: requests.Session, simulator: Simulator) -> None:
    """A client that waits long enough gets the whole response; another one gets a time-out."""
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
    """A simulator that is stopped during a long fault must not delay a test."""
    simulator.options |= {"slow_seconds": 3600, "stall_seconds": 3600}
    simulator.script("burki", kind)
    with pytest.raises(requests.RequestException, match="timed out"):
        ask(session, simulator, timeout=0.05)
    began = time.monotonic()
    simulator.stop()
    assert time.monotonic() - began < 600


@pytest.mark.parametrize("kind", ["html", "half", "empty"])
def test_a_200_may_have_invalid_json(
    session: requests.Session, simulator: Simulator, kind: str
) -> None:
    """The framing is correct; only the body is invalid."""
    simulator.script("burki", kind)
    answer = ask(session, simulator)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert (answer.headers["Content-Type"] == "application/json") is (kind != "html")
    assert bool(answer.content) is (kind != "empty")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("kind", ["408", "425", "429", "500", "502", "503", "504"])
def test_transient_statuses_are_sent(
    session: requests.Session, simulator: Simulator, kind: str
) -> None:
    """The response has the requested status, and only a 503 asks for a pause."""
    simulator.script("burki", kind)
    answer = ask(session, simulator)
    assert answer.status_code == int(kind)
    assert ("Retry-After" in answer.headers) is (kind == "503")
    assert ("text/html" in answer.headers["Content-Type"]) is (kind == "502")


@pytest.mark.parametrize("provider", PATHS)
def test_pauses_are_requested_in_three_forms(
    session: requests.Session, simulator: Simulator, provider: str
) -> None:
    """A pause is requested in seconds, by a date, or by the provider's own headers."""
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
def test_early_requests_are_counted(
    session: requests.Session, simulator: Simulator, provider: str, kind: str
) -> None:
    """A client that ignores a pause is counted, for each form of the pause."""
    simulator.options |= {"under_way_seconds": 0, "retry_after_seconds": 3600}
    simulator.script(provider, kind)
    ask(session, simulator, provider)
    assert simulator.early_requests == {}
    ask(session, simulator, provider)
    ask(session, simulator, provider)
    ask(session, simulator, "burki")
    assert simulator.early_requests == {provider: 2}


def test_requests_after_a_pause_are_not_counted(
    session: requests.Session, simulator: Simulator
) -> None:
    """A pause has an end, and a 429 without a pause requests none."""
    simulator.options |= {"under_way_seconds": 0, "retry_after_seconds": 0.1}
    simulator.script("burki", "429-seconds", "429")
    ask(session, simulator)
    time.sleep(0.11)
    for _ in range(3):
        ask(session, simulator)
    assert simulator.early_requests == {}


def test_requests_sent_before_the_pause_are_not_counted(
    session: requests.Session, simulator: Simulator
) -> None:
    """A request that another thread sent before the 429 was read is not early."""
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
    """A redirect leads to the correct response, with the same method, query and body."""
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


def test_a_redirect_away_leads_to_the_foreign_origin(
    session: requests.Session, simulator: Simulator
) -> None:
    """A client that follows it gets an empty list, and its request is recorded."""
    simulator.script("ovia", "redirect-away")
    answer = ask(session, simulator, "ovia", follow=True)
    assert answer.url == f"{simulator.foreign_url}/ovia/api/v1/calls"
    assert answer.json()["calls"] == []
    assert [request.target for request in simulator.foreign_requests] == ["/ovia/api/v1/calls"]
    # `requests` removes the key when the port changes.
    assert not simulator.foreign_got_key


@pytest.mark.parametrize("provider", PATHS)
def test_a_key_is_found_in_every_part_of_a_request(
    session: requests.Session, simulator: Simulator, provider: str
) -> None:
    """A key in a header, a URL or a body of a request to the foreign origin is detected."""
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


def test_the_foreign_origin_stops_with_the_simulator(
    session: requests.Session, simulator: Simulator
) -> None:
    """A second server that keeps running would keep its port until the process ends."""
    url = simulator.foreign_url
    session.get(url, timeout=60)
    simulator.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=60)
    assert simulator.start().foreign_url == url


def test_requests_above_the_rate_limit_are_counted(
    session: requests.Session, simulator: Simulator
) -> None:
    """Requests above the limit get 429 and are counted; other providers have their own limit."""
    simulator.options |= {"rate_limits": {"telnyx": 3}, "rate_window_seconds": 3600}
    statuses = [ask(session, simulator, "telnyx").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert ask(session, simulator, "burki").status_code == 200
    assert simulator.over_limit == {"telnyx": 2}
    assert simulator.injected == {}
    refused = [one for one in simulator.requests if one.status == 429]
    assert {one.fault for one in refused} == {"rate limit"}


def schedule(session: requests.Session, simulator: Simulator, faults: Faults) -> list[str]:
    """Return the faults of 30 requests to Burki, with requests to another provider in between."""
    simulator.faults = faults
    first = len(simulator.requests)
    for number in range(30):
        ask(session, simulator)
        if number % 5 == faults.seed % 5:
            ask(session, simulator, "vonage")
    return [one.fault for one in simulator.requests[first:] if one.provider == "burki"]


def test_a_schedule_can_be_repeated(session: requests.Session, simulator: Simulator) -> None:
    """The same seed gives the same faults, independent of requests to other providers."""
    kinds = ("500", "429", "html")
    one = schedule(session, simulator, Faults(seed=3, rate=0.4, kinds=kinds))
    assert one == schedule(session, simulator, Faults(seed=3, rate=0.4, kinds=kinds))
    assert one != schedule(session, simulator, Faults(seed=4, rate=0.4, kinds=kinds))
    assert set(one) == {"", *kinds}
    counted = sum(bool(request.fault) for request in simulator.requests)
    assert simulator.injected.total() == counted
    simulator.faults = None
    assert ask(session, simulator).status_code == 200


def test_the_fourth_try_of_a_request_succeeds(
    session: requests.Session, simulator: Simulator
) -> None:
    """After three consecutive faults the next response is correct, even with a rate of 1."""
    found = schedule(session, simulator, Faults(rate=1, kinds=("500",)))
    assert found == (["500", "500", "500", ""] * 8)[:30]


def test_each_of_many_requests_succeeds_at_the_fourth_try(simulator: Simulator) -> None:
    """With many clients at once, no request gets more than three consecutive faults."""
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
    """Scripted faults, including "ok", come in their order; then the schedule continues."""
    simulator.faults = Faults(rate=1, kinds=("425",))
    simulator.script("burki", "503", "ok")
    simulator.script("burki", "408")
    statuses = [ask(session, simulator).status_code for _ in range(4)]
    assert statuses == [503, 200, 408, 425]


def test_unknown_faults_are_refused(simulator: Simulator) -> None:
    """A misspelled fault that does nothing would let a test pass without the fault."""
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


def test_wrong_faults_on_the_command_line_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong kind or rate on the command line is an error in one line, without a traceback."""
    dates = ["--start", "2026-04-01", "--end", "2026-04-02"]
    assert cli.main([*dates, "--faults", "0.1", "--fault-kinds", "reset, 5o3"]) == 1
    assert "error: unknown fault: 5o3; choose from reset, close" in capsys.readouterr().err
    assert cli.main([*dates, "--faults", "2", "--fault-seed", "3"]) == 1
    assert "a rate from 0 to 1" in capsys.readouterr().err


def test_the_command_line_sets_the_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The options reach the simulator."""
    made: list[object] = []

    def record_faults(**options: object) -> None:
        made.append(options["faults"])
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "Simulator", record_faults)
    cli.main([])
    cli.main(["--faults", "0.1"])
    cli.main(["--faults", "0.5", "--fault-kinds", "reset,503", "--fault-seed", "3"])
    assert made == [None, Faults(rate=0.1), Faults(seed=3, rate=0.5, kinds=("reset", "503"))]


def test_a_fault_that_an_api_never_has_is_not_drawn(simulator: Simulator) -> None:
    """ElevenLabs tells its clients to follow no redirect, so a random one would be a real error."""
    simulator.faults = Faults(rate=1, kinds=("redirect-same",))
    for path in ("elevenlabs/v1/convai/agents", "retell/v2/get-call/x"):
        requests.get(f"{simulator.url}/{path}", timeout=60, allow_redirects=False)

    assert simulator.injected == {"redirect-same": 1}
