"""Lets ``python -m tap_voicecalls`` run the tap."""

from tap_voicecalls.cli import main

main()
