"""Settings: their schema, sources, checks, and the part that one run reads; also state and catalog.

It imports packages below `providers`, and of that only the type that declares a provider.
"""
