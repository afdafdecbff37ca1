"""Everything the tap uses of the SDK's inside: private names, and public ones in unusual ways.

The SDK promises nothing about them, so they are kept in one place. :mod:`~.table` lists them all,
with their purpose and with what would happen without them. No other module of the tap overrides,
calls or imports a private name of the SDK.
"""
