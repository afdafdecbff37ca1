"""A local HTTP server which speaks the APIs of five telephony providers, with seeded calls.

It imports nothing of the tap, so that the two can disagree.
"""

from tap_voicecalls.simulator.call import Call
from tap_voicecalls.simulator.simulator import Request, Simulator
from tap_voicecalls.simulator.world import World

__all__ = ["Call", "Request", "Simulator", "World"]
