"""A record as the provider sent it, made to fit the schema of its stream without losing anything.

It imports `common` only.
"""
