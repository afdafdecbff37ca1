"""Tests of large backfills: plans, shards and what their states amount to."""
