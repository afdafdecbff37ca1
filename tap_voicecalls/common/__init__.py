"""Helpers for all packages: errors, times, windows of time, addresses, text that is safe in a log.

It owns what the streams of one run share (`Run`) and how many requests are sent at once
(`Concurrency`). It does no input or output, and imports nothing else of the project.
"""
