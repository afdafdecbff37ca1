"""A local HTTP server that speaks the APIs of the providers, with seeded, made-up calls.

It owns the made-up calls (`world`), one module or package for each provider's API (`apis`), the
faults that a request can get (`faults`), and the command `voicecalls-simulator` (`cli`).

It imports no other package of the tap, so that an error in the tap cannot hide in the simulator
too. The exception is `cli`, which writes to stdout by way of `output`.
"""

from tap_voicecalls.simulator.call import Call
from tap_voicecalls.simulator.faults import HOSTILE, KINDS, TRANSIENT, Faults
from tap_voicecalls.simulator.messages import Request
from tap_voicecalls.simulator.simulator import Simulator
from tap_voicecalls.simulator.world import World

__all__ = ["HOSTILE", "KINDS", "TRANSIENT", "Call", "Faults", "Request", "Simulator", "World"]
