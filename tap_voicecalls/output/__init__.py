"""Singer messages on their way out: whole lines, stream maps, and what is used of the SDK's inside.

It imports `common` only.
"""
