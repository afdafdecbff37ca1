"""Property tests draw the same examples in every run, however busy the machine is."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("backfill", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("backfill")
