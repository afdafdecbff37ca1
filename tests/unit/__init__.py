"""Tests of the pure modules: no server, no clock, no waiting."""
