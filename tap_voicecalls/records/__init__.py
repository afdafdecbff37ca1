"""A provider's record, from the bytes that were sent to a record that fits its schema.

Owns decoding and repairing JSON, conversion without loss, the record type, identities for records
without an id, and where schemas are. It is pure, and does not know any provider.

May import `common`.
"""
