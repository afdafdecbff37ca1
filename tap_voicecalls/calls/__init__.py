"""The common streams, in which the calls of all providers can be compared, and their vocabulary.

It imports `output`, `records` and `common`.
"""
