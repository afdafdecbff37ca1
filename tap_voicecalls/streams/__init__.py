"""How a stream reads an account: windows, bookmarks, concurrency, failures.

It imports `rows`, `calls`, `http`, `output`, `records` and `common`.
"""
