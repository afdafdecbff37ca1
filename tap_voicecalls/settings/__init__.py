"""Settings: their schema, sources, checks, and the part that one run reads; also state and catalog.

It imports `common`, and of `providers` only the type that declares a provider.
"""
