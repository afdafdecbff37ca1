"""The common streams, in which the calls of all providers can be compared.

Owns the normalized call, phone numbers in one form, the stream `calls` and its schema. How a
provider's record becomes a call is in the package of that provider.

May import `output`, `records` and `common`.
"""
