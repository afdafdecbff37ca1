"""One list, read page by page: paginators, and what makes sure that all of it came.

It imports `rows`, `http`, `records` and `common`.
"""
