"""Tests of the simulator against the documentation of the providers."""
