"""How a stream reads an account: windows, bookmarks, concurrent requests, failures.

Owns the base classes of streams (`record_stream`, `base`, `paged`, `windowed`, `without_start`),
what one read of an account needs (`read_context`) and the bookmarks. It knows no provider.

May import `recordings`, `rows`, `calls`, `http`, `output`, `records` and `common`.
"""
