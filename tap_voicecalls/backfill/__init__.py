"""Divides a large backfill into shards for parallel processes, and merges their states.

It is used by the command `voicecalls-plan`, and may import every other package.
"""
