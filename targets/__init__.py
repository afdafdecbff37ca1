"""Loads what the tap writes into other people's targets, and compares every value.

``make targets``; the result is docs/targets-table.md.
"""
