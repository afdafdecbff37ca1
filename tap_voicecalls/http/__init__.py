"""An account and the client that sends its requests: authentication, rate limit, retry, responses.

It imports `records` and `common`. What sends a single request is in `transport`.
"""
