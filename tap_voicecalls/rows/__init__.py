"""Rows: records that are ready to be written, deduplicated and sorted until they are.

Owns the row itself and where rows are stored meanwhile: in memory, or in a temporary file.

May import `calls`, `records` and `common`.
"""
