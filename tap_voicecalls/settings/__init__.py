"""The settings: their schema, where they come from, what is wrong with them, what one run reads.

It imports `common`, and of `providers` only what a provider declares.
"""
