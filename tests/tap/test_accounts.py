"""Several accounts: each has its own key, its own state partition, and its own failures."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from support import configuration, parsed, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_calls")


DONE = "2026-01-09T00:00:00.000000Z"


@pytest.fixture
def north() -> Iterator[Simulator]:
    """A simulator with the calls of one account."""
    with simulator(seed=1) as made:
        yield made


@pytest.fixture
def south() -> Iterator[Simulator]:
    """A simulator with the calls of another account, with another key."""
    with simulator(seed=2) as made:
        yield made


def of_both(north: Simulator, south: Simulator, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a configuration with an account on each simulator, and a second provider."""
    config = configuration(north, "burki", "ovia")
    config["burki"] = {
        "requests_per_second": 500,
        "accounts": [
            {"account": "north", **own(north)},
            {"account": "south", **own(south), **changes},
        ],
    }
    return config


def own(served: Simulator) -> dict[str, object]:
    """Return the key and the address of a simulator's account."""
    settings = served.configuration()["burki"]
    return {name: settings[name] for name in ("api_key", "base_url")}


def bookmarks(state: dict[str, Any], stream: str) -> dict[str, str | None]:
    """Return the bookmark of each account."""
    partitions = state["bookmarks"][stream]["partitions"]
    return {p["context"]["account"]: p.get("replication_key_value") for p in partitions}


def test_each_account_is_read_with_its_own_key(north: Simulator, south: Simulator) -> None:
    """Records carry the label of their account, and each account has a bookmark."""
    output = run_tap(of_both(north, south))

    labels = [record["account"] for record in output.records("burki_calls")]
    assert len(north.records("burki_calls")) == labels.count("north") > 0
    assert len(south.records("burki_calls")) == labels.count("south") > 0
    assert bookmarks(output.state, "burki_calls") == {"north": DONE, "south": DONE}


def test_an_account_that_fails_does_not_stop_the_others(
    north: Simulator, south: Simulator, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The others are complete, their state is written, and the error names the failed account."""
    config = of_both(north, south, api_key="wrong-key-of-test")

    with pytest.raises(RunError) as caught:
        TapVoiceCalls(config=config).sync_all()

    output = parsed(capsysbinary.readouterr().out)
    (failure,) = caught.value.failures
    assert failure.startswith("burki (account south), burki_calls: 401 Unauthorized")
    assert "key-of-test" not in failure
    assert len(north.records("burki_calls")) == len(output.records("burki_calls"))
    assert len(north.records("ovia_calls")) == len(output.records("ovia_calls"))
    assert bookmarks(output.state, "burki_calls") == {"north": DONE, "south": None}
    assert bookmarks(output.state, "ovia_calls") == {"default": DONE}


def test_a_failed_account_is_read_again_from_its_start(
    north: Simulator, south: Simulator, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Nothing of a failed account counts as read."""
    with pytest.raises(RunError):
        TapVoiceCalls(config=of_both(north, south, api_key="wrong")).sync_all()
    state = parsed(capsysbinary.readouterr().out).state

    records = run_tap(of_both(north, south), state=state).records("burki_calls")

    labels = [record["account"] for record in records]
    assert len(south.records("burki_calls")) == labels.count("south")
    assert labels.count("north") < len(north.records("burki_calls"))


def test_a_failure_is_logged_when_it_happens(
    north: Simulator,
    south: Simulator,
    capsysbinary: pytest.CaptureFixture[bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A long run reports an error immediately, not only at its end."""
    with caplog.at_level(logging.ERROR), pytest.raises(RunError):
        TapVoiceCalls(config=of_both(north, south, api_key="wrong")).sync_all()

    capsysbinary.readouterr()
    assert ["401 Unauthorized" in record.message for record in caplog.records] == [True]
