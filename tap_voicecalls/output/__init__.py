"""Singer messages on their way to standard output, and the hooks into the SDK.

It owns the writing of whole lines, the direct way from a record's JSON to a line, stream maps and
flattening, batch files and other storages, the errors that abort a run, and everything the tap uses
of the SDK's inside (`sdk_hooks`). It may import `common`.
"""
