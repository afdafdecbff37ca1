"""The whole chain dies in the middle of a thousand calls; the next run delivers the rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from properties.truth import ALL_PRODUCTS
from support import configuration, simulator

from warehouses.chain import kill
from warehouses.landed import LOADED, differences

if TYPE_CHECKING:
    import subprocess

    from tap_voicecalls.simulator import Simulator
    from warehouses.chain import Chain

_PATIENCE = 600
_CALLS_PER_DAY = 30  # of each provider, in four days: some 1,000 calls of nine providers
# Streams are read by name, so Vonage's are the last: all others are on their way by then.
_LAST = "vonage"
_BATCH = "50"


def test_killed_and_resumed(chain: Chain) -> None:
    """Catches calls that a crash of all three processes loses, doubles or leaves half told."""
    with simulator(calls_per_day=_CALLS_PER_DAY) as served:
        # The server holds on for longer than the test waits: nothing of the last stream comes.
        settings = configuration(served, read_timeout=10 * _PATIENCE)
        del settings["end_date"]  # reports of the last calls were stored after it
        settings["vonage"]["products"] = ALL_PRODUCTS
        chain.configure(settings)
        served.options["stall_seconds"] = 10 * _PATIENCE
        served.script(_LAST, "stall")
        killed = chain.start(TARGET_POSTGRES_BATCH_SIZE_ROWS=_BATCH)
        try:
            wait_until_some_landed(chain, served, killed)
        finally:
            kill(killed)
        left = {stream: chain.count(stream) for stream in LOADED}

        # The run that died is still under way, as far as Meltano knows.
        chain.run("--force")

        landed = chain.tables()
        assert left["vonage_voice_reports"] == 0 < left["burki_calls"]
        assert 0 < left["calls"] < len(landed["calls"])
        assert differences(served, landed) == []
        assert len(landed["calls"]) > 900


def wait_until_some_landed(chain: Chain, served: Simulator, process: subprocess.Popen[str]) -> None:
    """Wait until the tap hangs in its last stream, and some calls of two streams have landed."""
    retry_policy = time.monotonic() + _PATIENCE
    while not (served.injected["stall"] and chain.count("calls") and chain.count("burki_calls")):
        assert process.poll() is None, "the run ended by itself"
        assert time.monotonic() < retry_policy, "nothing landed"
        time.sleep(0.1)
