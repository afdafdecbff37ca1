"""One list, read page by page: paginators, and the checks that all of the list came.

Owns the ways of paging (`paginators`), the list of a window (`list_reader`) and the list that can
be sorted but not filtered (`sorted_list`). It sends no requests: pages come from functions.

May import `rows`, `records` and `common`.
"""
