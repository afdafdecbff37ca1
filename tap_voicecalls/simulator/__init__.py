"""A local HTTP server which speaks the APIs of five telephony providers, with seeded calls.

It imports nothing of the tap, so that the two can disagree.
"""

from tap_voicecalls.simulator.call import Call
from tap_voicecalls.simulator.faults import HOSTILE, KINDS, PASSING, Faults
from tap_voicecalls.simulator.messages import Request
from tap_voicecalls.simulator.simulator import Simulator
from tap_voicecalls.simulator.world import World

__all__ = ["HOSTILE", "KINDS", "PASSING", "Call", "Faults", "Request", "Simulator", "World"]
