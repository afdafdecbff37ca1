"""A page of the calls: one HTML file with charts and tables, which needs no network.

Usage: python -m demo.page CALLS PAGE [--made-up], where CALLS is the `calls` stream as JSON lines.
"""
