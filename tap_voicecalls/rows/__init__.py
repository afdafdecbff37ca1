"""A record on its way through a stream: made from what was sent, kept in order, stored, written.

It imports `calls`, `records` and `common`.
"""
