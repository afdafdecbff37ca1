"""An account and the client that sends its requests: connection, rate, pauses, retries, answers.

It imports `records` and `common`.
"""
