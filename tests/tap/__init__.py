"""Tests of the whole tap: servers on this machine, real sockets, and short waits."""
